//! The host application over HTTP, as a browser without scripts uses it.

mod support;

use axum::http::{Method, StatusCode};
use support::{Server, field, message_count};

#[tokio::test]
async fn a_customer_asks_and_the_team_answers() {
    let server = Server::start();
    assert_eq!(message_count(&server.get("/my/b-1").await), 0);
    server.send("/my/b-1", "body=++Is+it+%3Cb%3Ewet%3C/b%3E%3F+Tom%27s%0D%0A").await;

    let inbox = server.get("/").await;
    assert!(inbox.contains("<b>1</b>"), "{inbox}");
    assert!(inbox.contains("Is it &lt;b&gt;wet&lt;/b&gt;? Tom's"), "{inbox}");
    let page = server.get("/team/b-1").await;
    assert!(page.contains(">Is it &lt;b&gt;wet&lt;/b&gt;? Tom's</blockquote>"), "{page}");
    assert!(server.get("/").await.contains("<b></b>"), "opening marks as read");

    server.send("/team/b-1", &format!("body=Yes&seen={}", field(&page, "seen"))).await;
    let page = server.get("/my/b-1").await;
    assert!(page.contains("<b>Kim</b>") && page.contains(">Yes</blockquote>"), "{page}");
}

#[tokio::test]
async fn empty_and_unknown_fields_are_accepted() {
    let server = Server::start();
    for form in ["body=a", "body=b&key=&seen=", "body=c&key=&seen=0&csrf_token=x7&submit=Send"] {
        server.send("/my/b-1", form).await;
    }
    assert_eq!(message_count(&server.get("/my/b-1").await), 3);
}

#[tokio::test]
async fn an_invalid_field_is_refused_and_not_quoted() {
    let server = Server::start();
    for form in ["body=a&seen=x7", "body=a&seen=-1", "body=a&key=x7%0A"] {
        let (status, text) = server.post("/my/b-1", form).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(!text.contains("x7"), "{text}");
    }
    assert_eq!(message_count(&server.get("/my/b-1").await), 0);
}

/// I4: a form that is sent twice, for example by a double click, stores one message.
#[tokio::test]
async fn i4_a_form_that_is_sent_twice_stores_one_message() {
    let server = Server::start();
    let page = server.get("/my/b-1").await;
    let form = format!("body=Hello&key={}&seen=0", field(&page, "key"));
    server.send("/my/b-1", &form).await;
    server.send("/my/b-1", &form).await;
    let page = server.get("/my/b-1").await;
    assert_eq!(message_count(&page), 1);

    // A form that the browser restored has the used key and another text.
    let other = form.replace("Hello", "Another");
    let (status, page) = server.post("/my/b-1", &other).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains("Another</textarea>"), "{page}");
    assert!(!form.contains(field(&page, "key")), "the form has a new key");
}

#[tokio::test]
async fn a_refused_text_stays_in_the_form() {
    let server = Server::start();
    let long = "x".repeat(10_001);
    for (text, reason) in [("+", "message is blank"), (&*long, "the limit is 10000")] {
        let (status, page) = server.post("/my/b-1", &format!("body={text}&key=k1")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains(reason), "{reason}");
        assert!(page.contains(&format!("{}</textarea>", text.replace('+', " "))));
        assert_eq!(field(&page, "key"), "k1");
    }
}

/// U3: a reply marks as read only the messages that its page showed.
#[tokio::test]
async fn u3_a_message_that_came_after_the_page_stays_unread() {
    let server = Server::start();
    server.send("/my/b-1", "body=One").await;
    let page = server.get("/team/b-1").await;
    server.send("/my/b-1", "body=Two").await;
    server.send("/team/b-1", &format!("body=Reply&seen={}", field(&page, "seen"))).await;
    let inbox = server.get("/").await;
    assert!(inbox.contains("<b>1</b>"), "{inbox}");
}

#[tokio::test]
async fn an_unknown_booking_does_not_exist() {
    let server = Server::start();
    for path in ["/my/b-7", "/team/b-7", "/team/b-1"] {
        let (status, _) = server.call(Method::GET, path, "").await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// The README shows the program.
#[test]
fn the_readme_shows_this_program() {
    let readme = include_str!("../../../README.md");
    let program = include_str!("../src/main.rs");
    assert!(readme.contains(&format!("```rs\n{program}```\n")));
}
