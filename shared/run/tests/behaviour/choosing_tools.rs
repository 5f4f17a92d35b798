//! Which tools whoever asks lets a run use.

use run::{ToolFilter, ToolName};

#[test]
fn a_list_lets_in_what_it_names_or_all_but_that() {
    let [search, pay] = ["search", "pay"].map(ToolName::new);
    let named = vec![search.clone()];
    for (filter, admits_search, admits_pay) in [
        (ToolFilter::All, true, true),
        (ToolFilter::Allow(named.clone()), true, false),
        (ToolFilter::Deny(named), false, true),
        (ToolFilter::Allow(Vec::new()), false, false),
        (ToolFilter::Deny(Vec::new()), true, true),
    ] {
        let admits = (filter.admits(&search), filter.admits(&pay));
        assert_eq!(admits, (admits_search, admits_pay), "{filter:?}");
    }
}
