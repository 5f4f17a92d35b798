//! Frames that carry no content, in streams of all servers.

use proptest::collection::vec;
use proptest::prelude::*;

use super::noise::{Noisy, SILENT, good_streams, holds};

/// A frame without content as it is, or damaged: cut short, or with bytes in it that belong nowhere.
fn silent() -> impl Strategy<Value = Vec<u8>> {
    let frame = || proptest::sample::select(SILENT.to_vec());
    let ended = |mut bytes: Vec<u8>| {
        bytes.extend_from_slice(b"\n\n");
        bytes
    };
    prop_oneof![
        4 => frame().prop_map(<[u8]>::to_vec),
        1 => (frame(), any::<usize>()).prop_map(move |(frame, at)| ended(frame[..at % frame.len()].to_vec())),
        1 => (frame(), any::<usize>(), 0x80_u8..).prop_map(move |(frame, at, byte)| {
            let mut bytes = frame.to_vec();
            bytes.insert(at % frame.len(), byte);
            ended(bytes)
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1024) })]

    #[test]
    fn frames_without_content_change_nothing_and_a_cut_is_told(
        stream in proptest::sample::select(good_streams()),
        extra in vec((any::<usize>(), silent()), 0..6),
        tight in any::<bool>(),
        end in proptest::option::of(any::<usize>()),
        places in vec(any::<usize>(), 0..6),
    ) {
        holds(Noisy { stream, extra, tight, end, places });
    }
}
