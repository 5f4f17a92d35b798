use super::*;
use std::time::{Duration, Instant};

use crate::page::parse::{Syntax, parse};

#[track_caller]
fn check(element: &str, expected: bool) {
    let page = format!("<body>{element}");
    let tree = parse(
        &page,
        Syntax::Html,
        Instant::now() + Duration::from_secs(10),
    )
    .tree;
    let in_body = |id: &Id| {
        tree.parent(*id)
            .is_some_and(|parent| tree.name(parent) == Some("body"))
    };
    let first = tree.elements().into_iter().find(in_body);
    assert_eq!(tree.is_hidden(first.unwrap()), expected, "{element}");
}

#[test]
fn what_nobody_sees_is_hidden() {
    for attributes in [
        "hidden",
        "hidden=''",
        "HIDDEN=hidden",
        "hidden=false",
        "aria-hidden=true",
        "aria-hidden=' TRUE '",
    ] {
        check(&format!("<div {attributes}>x</div>"), true);
    }
    for style in [
        "display:none",
        "DISPLAY : NONE",
        "display:none!important",
        "display:none !important",
        "color:red;display:none",
        "display:/* */none",
        "dis/**/play:none",
        "visibility:hidden",
        "visibility: collapse",
        "opacity:0",
        "opacity:0.0",
        "opacity:.01",
        "opacity:0%",
        "font-size:0",
        "font-size:0px",
        "font-size:1px",
        "font-size:0.05em",
        "font:0/0 a",
        "color:transparent",
        "color:rgba(0,0,0,0)",
        "color:rgb(0 0 0 / 0%)",
        "color:hsla(0,0%,0%,0.0)",
        "-webkit-text-fill-color:transparent",
        "text-indent:-9999px",
        "text-indent:-999em",
        "position:absolute;left:-9999px",
        "position:fixed;top:-10000px",
        "left:-100em",
        "position:absolute;clip:rect(0 0 0 0)",
        "clip:rect(1px,1px,1px,1px)",
        "clip-path:inset(100%)",
        "clip-path: inset(50%)",
        "transform:scale(0)",
        "transform:translateX(-9999px)",
        "height:0;overflow:hidden",
        "width:1px;height:1px;position:absolute",
        "max-height:0;overflow:hidden",
        "content-visibility:hidden",
    ] {
        check(&format!("<p style='{style}'>x</p>"), true);
    }
    for element in [
        "<script>x</script>",
        "<style>x</style>",
        "<template>x</template>",
        "<noscript>x</noscript>",
        "<iframe>x</iframe>",
        "<svg><text>x</text></svg>",
        "<dialog>x</dialog>",
        "<textarea>x</textarea>",
        "<object>x</object>",
        "<video>x</video>",
        "<canvas>x</canvas>",
        "<select><option>x</select>",
    ] {
        check(element, true);
    }
}

#[test]
fn what_people_see_is_not() {
    for element in [
        "<p>x</p>",
        "<p aria-hidden=false>x</p>",
        "<p data-hidden>x</p>",
        "<div class=hidden>x</div>",
        "<details>x</details>",
        "<dialog open>x</dialog>",
        "<div hidden=until-found>x</div>",
        "<math><mi>x</mi></math>",
        "<button>x</button>",
        "<p style=''>x</p>",
        "<p style='display:block'>x</p>",
        "<p style='opacity:1'>x</p>",
        "<p style='opacity:0.5'>x</p>",
        "<p style='font-size:12px'>x</p>",
        "<p style='font-size:0.8em'>x</p>",
        "<p style='font:bold 10px a'>x</p>",
        "<p style='color:rgba(0,0,0,0.87)'>x</p>",
        "<p style='color:rgb(0,0,0)'>x</p>",
        "<p style='color:#000'>x</p>",
        "<p style='text-indent:-1.5em'>x</p>",
        "<p style='left:-10px'>x</p>",
        "<p style='height:0'>x</p>",
        "<p style='overflow:hidden;height:100px'>x</p>",
        "<p style='background:url(display:none)'>x</p>",
        "<p style='/* display:none'>x</p>",
        "<p style='margin:0'>x</p>",
        "<p style='border-left:0'>x</p>",
    ] {
        check(element, false);
    }
}
