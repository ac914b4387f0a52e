//! Screenshots of the pages. The test writes them to `target/tmp/dashboard` for people to
//! look at. It checks only for faults that are wrong in any picture.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP, PHONE};
use crate::driver::Driver;
use crate::server::Server;

/// The smallest window that the pages support.
const NARROW: (u32, u32) = (320, 640);

/// Measurements of a picture.
#[derive(Debug, Deserialize)]
struct Measurement {
    /// The mean luminance, from 0 to 255.
    luminance: f64,
    /// The mean luminance of each quarter.
    quarters: Vec<f64>,
    /// The number of different colours.
    colours: usize,
}

const MEASURE: &str = "return (async () => {
    const bytes = Uint8Array.from(atob(arguments[0]), (char) => char.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    const { width, height } = image;
    const canvas = new OffscreenCanvas(width, height).getContext('2d');
    canvas.drawImage(image, 0, 0);
    const meanLuminance = (x, y, width, height) => {
        const { data } = canvas.getImageData(x, y, width, height);
        let sum = 0;
        for (let at = 0; at < data.length; at += 4) {
            sum += data[at] * 0.2126 + data[at + 1] * 0.7152 + data[at + 2] * 0.0722;
        }
        return sum / (width * height);
    };
    const [middleX, middleY] = [width >> 1, height >> 1];
    const quarters = [[0, 0], [middleX, 0], [0, middleY], [middleX, middleY]];
    const pixels = new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer);
    return {
        luminance: meanLuminance(0, 0, width, height),
        quarters: quarters.map(([x, y]) => meanLuminance(x, y, middleX, middleY)),
        colours: new Set(pixels).size,
    };
})()";

impl Browser {
    /// Asserts that nothing is wider than the window.
    async fn assert_fits(&self, name: &str) {
        let script = "const width = document.documentElement.clientWidth;
            return [...document.body.querySelectorAll('*')].filter((element) =>
                element.checkVisibility()
                && !element.closest('.top-bar nav, .visually-hidden, .skip-link')
                && element.getBoundingClientRect().right > width + 0.5
                && getComputedStyle(element.parentElement).overflowX === 'visible')
                .map((element) => element.localName + '.' + element.className)
                .concat(document.documentElement.scrollWidth > width ? ['the page'] : [])";
        let too_wide: Vec<String> = self.execute(script, &[]).await;
        assert!(too_wide.is_empty(), "{name}: {too_wide:?}");
    }
}

/// Both pages in both themes, on a desktop, on a phone and in the smallest window: they are
/// not blank, have the luminance of the theme and are not wider than the window.
pub(crate) async fn both_pages_render_on_each_screen_in_each_theme(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "60000"]);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dashboard");
    fs::create_dir_all(&folder).unwrap();
    let maya = driver.browser(DESKTOP).await;
    // The pages' security policy does not allow the script that measures a picture, so another
    // browser runs this script.
    let measuring = driver.browser(PHONE).await;
    let conversation = server.conversation_url("k7q2-xh41-09");
    for (page, url, ready) in [
        ("list", &server.team_url, ".conversation .relative-time[data-row-text]"),
        ("chat", &conversation, "#chat[data-state=open] .message"),
        ("portal", &server.customer_url, ".message"),
    ] {
        for (screen, size) in [("desktop", DESKTOP), ("phone", PHONE), ("narrow", NARROW)] {
            for is_dark in [false, true] {
                maya.set_viewport(size).await;
                maya.set_dark_mode(is_dark).await;
                // If only the part after # changed, the browser would not load the page again.
                maya.goto("about:blank").await;
                maya.goto(url).await;
                maya.wait_visible(ready).await;
                maya.execute::<Value>("return document.fonts.ready.then(() => null)", &[]).await;
                let theme = if is_dark { "dark" } else { "light" };
                let name = format!("{page}-{screen}-{theme}");
                maya.assert_fits(&name).await;

                let screenshot = maya.screenshot().await;
                fs::write(folder.join(format!("{name}.png")), &screenshot).unwrap();
                // The same picture in base64.
                let picture = maya.devtools.command("Page.captureScreenshot", json!({})).await;
                let measured: Measurement =
                    measuring.execute(MEASURE, &[picture["data"].clone()]).await;
                assert!(measured.colours > 100, "{name} is blank: {measured:?}");
                let mut luminances = measured.quarters.iter().chain([&measured.luminance]);
                let has_theme = luminances.all(|it| if is_dark { *it < 80.0 } else { *it > 180.0 });
                assert!(has_theme, "{name}: {measured:?}");
            }
        }
    }
    maya.close().await;
    measuring.close().await;
}
