//! Money is whole billionths of a dollar.

use run::Cost;

#[test]
fn tokens_cost_their_price_a_million() {
    for (tokens, usd_per_million, nano_usd) in [
        (0, 0.2, 0),
        (1, 0.2, 200),
        (15, 0.2, 3_000),
        (1_000_000, 0.2, 200_000_000),
        (3, 15.0, 45_000),
        (1, 0.000_4, 0),
        (1, 0.000_6, 1),
        (1_000_000, 0.0, 0),
        (u64::MAX, 1_000.0, u64::MAX),
    ] {
        let cost = Cost::of_tokens(tokens, usd_per_million);
        assert_eq!(cost.nano_usd, nano_usd, "{tokens} at {usd_per_million}");
    }
}

#[test]
fn an_amount_in_dollars_is_rounded_to_a_billionth_and_what_is_none_costs_nothing() {
    for (usd, nano_usd) in [
        (0.008, 8_000_000),
        (1.5, 1_500_000_000),
        (0.4e-9, 0),
        (0.6e-9, 1),
        (-1.0, 0),
        (f64::NAN, 0),
        (f64::INFINITY, u64::MAX),
    ] {
        assert_eq!(Cost::of_usd(usd).nano_usd, nano_usd, "{usd}");
    }
}

#[test]
fn time_costs_its_price_a_second() {
    for (milliseconds, usd_per_second, nano_usd) in [
        (0, 0.5, 0),
        (1, 0.000_1, 100),
        (1_500, 0.000_2, 300_000),
        (2_000, 1.0, 2_000_000_000),
        (1, 0.000_000_4, 0),
        (1, 0.000_000_6, 1),
        (5, f64::INFINITY, u64::MAX),
    ] {
        let cost = Cost::of_time(milliseconds, usd_per_second);
        assert_eq!(
            cost.nano_usd, nano_usd,
            "{milliseconds} ms at {usd_per_second}"
        );
    }
}

#[test]
fn a_billion_is_a_dollar() {
    for (nano_usd, usd) in [
        (0, 0.0),
        (1, 1e-9),
        (1_500_000_000, 1.5),
        (2_000, 0.000_002),
    ] {
        assert!((Cost { nano_usd }.usd() - usd).abs() < 1e-15, "{nano_usd}");
    }
}

#[test]
fn sums_stay_at_the_most_that_can_be_written() {
    let (most, one) = (Cost { nano_usd: u64::MAX }, Cost { nano_usd: 1 });
    assert_eq!([most, one].into_iter().sum::<Cost>(), most);
    assert_eq!([one, one].into_iter().sum::<Cost>(), Cost { nano_usd: 2 });
}
