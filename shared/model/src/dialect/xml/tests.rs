use super::*;

#[test]
fn the_first_mark_is_found_wherever_it_stands() {
    for markup in &MARKUPS {
        for at in [0, 1, 240, 250, 255, 256, 257, 300, 1000, 1020, 1024, 5000] {
            for mark in markup.ends {
                let others = markup.ends.concat();
                let text = format!("{}{mark}{others}", "x".repeat(at));
                assert_eq!(first_of(&text, &markup.ends), Some(at), "{mark}");
            }
            assert_eq!(first_of(&"\u{e9}".repeat(at), &markup.ends), None);
        }
    }
}
