//! How the pages look. The pictures are in `target/tmp/dashboard`, for people to judge;
//! the tests know what no picture may have.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP, PHONE};
use crate::driver::Driver;
use crate::host::Host;

/// The narrowest window that the pages are made for.
const NARROW: (u32, u32) = (320, 640);

/// What a picture is made of.
#[derive(Debug, Deserialize)]
struct Look {
    /// From 0 to 255: of all of it, and of each quarter.
    light: f64,
    quarters: Vec<f64>,
    /// How many colours it has.
    colours: usize,
}

const LOOK: &str = "return (async () => {
    const bytes = Uint8Array.from(atob(arguments[0]), (it) => it.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    const { width, height } = image;
    const canvas = new OffscreenCanvas(width, height).getContext('2d');
    canvas.drawImage(image, 0, 0);
    const lightOf = (x, y, width, height) => {
        const { data } = canvas.getImageData(x, y, width, height);
        let sum = 0;
        for (let at = 0; at < data.length; at += 4) {
            sum += data[at] * 0.2126 + data[at + 1] * 0.7152 + data[at + 2] * 0.0722;
        }
        return sum / (width * height);
    };
    const [right, down] = [width >> 1, height >> 1];
    const quarters = [[0, 0], [right, 0], [0, down], [right, down]];
    const all = new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer);
    return {
        light: lightOf(0, 0, width, height),
        quarters: quarters.map(([x, y]) => lightOf(x, y, right, down)),
        colours: new Set(all).size,
    };
})()";

impl Browser {
    async fn has_size(&self, (width, height): (u32, u32)) {
        let is = json!({ "width": width, "height": height, "deviceScaleFactor": 1,
                         "mobile": width < 600 });
        self.devtools.ask("Emulation.setDeviceMetricsOverride", is).await;
    }

    async fn prefers(&self, scheme: &str) {
        let scheme = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.devtools.ask("Emulation.setEmulatedMedia", json!({ "features": [scheme] })).await;
    }

    /// Nothing is wider than the window, so that nobody has to scroll aside.
    async fn fits(&self, what: &str) {
        let script = "const wide = document.documentElement.clientWidth;
            return [...document.body.querySelectorAll('*')].filter((it) =>
                it.checkVisibility() && !it.closest('.bar nav, .aloud, .skip')
                && it.getBoundingClientRect().right > wide + 0.5
                && getComputedStyle(it.parentElement).overflowX === 'visible')
                .map((it) => it.localName + '.' + it.className)
                .concat(document.documentElement.scrollWidth > wide ? ['the page'] : [])";
        let wide: Vec<String> = self.ask(script, &[]).await;
        assert!(wide.is_empty(), "{what}: {wide:?}");
    }
}

/// The pages in light and dark, on a desktop and on a phone: not blank, in the theme's
/// light, and no wider than the screen, down to 320 pixels.
pub(crate) async fn both_pages_on_each_screen_in_each_theme(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "60000"]);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dashboard");
    fs::create_dir_all(&folder).unwrap();
    let maya = driver.browser(DESKTOP).await;
    // What looks at the pictures must not be bound by the pages' policy.
    let judge = driver.browser(PHONE).await;
    let chat = format!("{}#booking=k7q2-xh41-09", host.operators);
    for (page, address, ready) in [
        ("list", &host.operators, ".conversation .relative[data-said]"),
        ("chat", &chat, "#chat[data-state=open] .message"),
        ("portal", &host.customers, ".message"),
    ] {
        for (screen, size) in [("desktop", DESKTOP), ("phone", PHONE), ("narrow", NARROW)] {
            for scheme in ["light", "dark"] {
                maya.has_size(size).await;
                maya.prefers(scheme).await;
                // An address that differs behind its # alone would load nothing.
                maya.go("about:blank").await;
                maya.go(address).await;
                maya.appears(ready).await;
                maya.ask::<Value>("return document.fonts.ready.then(() => null)", &[]).await;
                let what = format!("{page}-{screen}-{scheme}");
                maya.fits(&what).await;

                let picture = maya.picture().await;
                fs::write(folder.join(format!("{what}.png")), &picture).unwrap();
                // The same as a script can read it.
                let picture = maya.devtools.ask("Page.captureScreenshot", json!({})).await;
                let look: Look = judge.ask(LOOK, &[picture["data"].clone()]).await;
                assert!(look.colours > 100, "{what} is blank: {look:?}");
                let is_right =
                    |light: &f64| if scheme == "dark" { *light < 80.0 } else { *light > 180.0 };
                let quarters = look.quarters.iter().chain([&look.light]);
                assert!(quarters.copied().all(|light| is_right(&light)), "{what}: {look:?}");
            }
        }
    }
    maya.close().await;
    judge.close().await;
}
