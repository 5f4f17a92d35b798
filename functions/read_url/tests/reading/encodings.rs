//! Pages in many encodings, said rightly, wrongly, or not at all.

use encoding_rs::Encoding;

use crate::internet::Web;

const RUSSIAN: &str = "Быстрая лиса прыгает через ленивую собаку";
const JAPANESE: &str = "吾輩は猫である。名前はまだ無い。";
const CHINESE: &str = "人生得意须尽欢，莫使金樽空对月。";

type Case = (&'static str, Vec<u8>, &'static str);

fn page(head: &str, text: &str) -> String {
    format!("<html><head>{head}</head><body><p>{text}</p></body></html>")
}

fn encoded(label: &str, text: &str) -> Vec<u8> {
    let encoding = Encoding::for_label(label.as_bytes()).unwrap();
    encoding.encode(text).0.into_owned()
}

async fn check(cases: impl IntoIterator<Item = Case>) {
    for (media_type, body, expected) in cases {
        let web = Web::new().page("example.org/", media_type, body);
        let told = web.read("http://example.org/").await;
        assert_eq!(told["result"]["text"], expected, "{media_type}");
    }
}

#[tokio::test]
async fn an_encoding_that_is_said_is_that_of_the_page() {
    let said =
        |media_type, label, head: &str, text| (media_type, encoded(label, &page(head, text)), text);
    check([
        said("text/html; charset=utf-8", "utf-8", "", RUSSIAN),
        said(
            "text/html; charset=windows-1251",
            "windows-1251",
            "",
            RUSSIAN,
        ),
        said("text/html; charset=\"KOI8-R\"", "koi8-r", "", RUSSIAN),
        said("text/html;charset=shift_jis", "shift_jis", "", JAPANESE),
        said("text/html; charset=gbk", "gbk", "", CHINESE),
        said(
            "text/html; charset=iso-2022-jp",
            "iso-2022-jp",
            "",
            JAPANESE,
        ),
        said("text/html", "euc-jp", "<meta charset=euc-jp>", JAPANESE),
        said(
            "text/html",
            "gb18030",
            "<META http-equiv=Content-Type content='text/html; charset=gb2312'>",
            CHINESE,
        ),
        // "联通" in GBK looks like two characters of UTF-8.
        said("text/html; charset=gbk", "gbk", "", "联通"),
    ])
    .await;
    let xml = format!(
        "<?xml version='1.0' encoding='iso-8859-2'?>{}",
        page("", "Zażółć")
    );
    check([(
        "application/xhtml+xml",
        encoded("iso-8859-2", &xml),
        "Zażółć",
    )])
    .await;
}

#[tokio::test]
async fn an_encoding_that_is_not_said_is_seen_in_the_bytes() {
    let silent = |label, text| ("text/html", encoded(label, &page("", text)), text);
    check([
        silent("utf-8", "Grüße, ça va, naïve"),
        silent("windows-1251", RUSSIAN),
        silent("shift_jis", JAPANESE),
        silent("windows-1252", "Grüße aus Österreich, schöne Füße"),
    ])
    .await;
}

#[tokio::test]
async fn an_encoding_that_is_said_and_cannot_be_is_not_believed() {
    let utf8 = |head: &str, text: &str| page(head, text).into_bytes();
    let wide: Vec<u8> = page("", JAPANESE)
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut slip = format!("<p>{RUSSIAN}").into_bytes();
    slip.push(0xff);
    check([
        ("text/html; charset=iso-8859-1", utf8("", RUSSIAN), RUSSIAN),
        (
            "text/html; charset=utf-8",
            encoded(
                "windows-1251",
                &page("<meta charset=windows-1251>", RUSSIAN),
            ),
            RUSSIAN,
        ),
        ("text/html; charset=nonsense", utf8("", "Grüße"), "Grüße"),
        ("text/html", utf8("<meta charset=utf-16>", "Grüße"), "Grüße"),
        // A mark at the beginning counts most.
        (
            "text/html; charset=iso-8859-1",
            [b"\xef\xbb\xbf", &*utf8("", "é")].concat(),
            "é",
        ),
        (
            "text/html; charset=utf-8",
            [vec![0xff, 0xfe], wide].concat(),
            JAPANESE,
        ),
        // One slip in a page of UTF-8.
        (
            "text/html; charset=utf-8",
            slip,
            "Быстрая лиса прыгает через ленивую собаку\u{fffd}",
        ),
    ])
    .await;
}
