use std::time::Duration;

use super::*;
use crate::connections::connection::Connection;

const TIME: Duration = Duration::from_secs(1);

fn room(connections: usize, per_address: usize) -> Arc<Admission> {
    Arc::new(Admission::new(Limits {
        connections,
        per_address,
        head: TIME,
        body: TIME,
        idle: TIME,
    }))
}

fn enter(room: &Arc<Admission>, address: &str) -> Result<Connection, Full> {
    let entered = room.enter(address.parse().unwrap());
    entered.map(|entered| Connection::new(Arc::clone(room), entered.slot))
}

fn is_answered(slot: &Connection) {
    slot.asks();
    slot.answered();
    slot.sent();
}

/// Whether the connection has had to go.
fn is_gone(slot: &Connection) -> bool {
    !slot.room_has_it()
}

#[test]
fn whoever_asks_nothing_makes_room_and_the_longest_first() {
    let room = room(3, 9);
    let first = enter(&room, "127.0.0.1").unwrap();
    let asking = enter(&room, "127.0.0.1").unwrap();
    let third = enter(&room, "127.0.0.1").unwrap();
    asking.asks();
    let fourth = enter(&room, "127.0.0.1").unwrap();
    assert!(is_gone(&first) && !is_gone(&asking) && !is_gone(&third));
    // One that has been answered stays longer than those that never asked, and while its answer is being sent in any case.
    asking.answered();
    asking.sent();
    let fifth = enter(&room, "127.0.0.1").unwrap();
    assert!(is_gone(&third) && !is_gone(&asking) && !is_gone(&fourth));
    for slot in [&asking, &fourth, &fifth] {
        slot.asks();
    }
    assert_eq!(enter(&room, "127.0.0.1").unwrap_err(), Full::Port);
    fourth.leave();
    enter(&room, "127.0.0.1").unwrap();
}

/// Half of the places are held for each kind: so long newcomers have to ask, and so many that were answered stay.
#[test]
fn neither_newcomers_nor_the_answered_shut_the_others_out() {
    for (places, answered) in (2..=24).flat_map(|all| (0..all).map(move |part| (all, part))) {
        for (address, connections, per_address) in
            [("127.0.0.1", places, 99), ("192.0.2.1", 99, places)]
        {
            let room = room(connections, per_address);
            let slots: Vec<_> = (1..places)
                .map(|_| enter(&room, address).unwrap())
                .collect();
            for slot in &slots[..answered.min(places - 1)] {
                is_answered(slot);
            }
            let newcomer = enter(&room, address).unwrap();
            let arrivals = (0..2 * places).map(|_| enter(&room, address).unwrap());
            let outlived = arrivals.take_while(|_| !is_gone(&newcomer)).count();
            let of = format!("{answered} of {places} answered, from {address}");
            assert!(outlived + 1 >= places.div_ceil(2), "{outlived}, {of}");
            let kept = slots[..answered].iter().filter(|slot| !is_gone(slot));
            assert!(kept.count() >= answered.min(places / 2), "{of}");
        }
    }
}

/// With one place left for those that have asked nothing yet.
#[test]
fn a_newcomer_outlives_ten_others_in_a_room_of_answered_ones() {
    let room = room(40, 40);
    for _ in 1..40 {
        is_answered(&enter(&room, "127.0.0.1").unwrap());
    }
    let newcomer = enter(&room, "127.0.0.1").unwrap();
    for _ in 0..10 {
        enter(&room, "127.0.0.1").unwrap();
    }
    assert!(!is_gone(&newcomer));
}

#[test]
fn one_address_does_not_take_the_room_of_others() {
    let room = room(9, 2);
    let own: Vec<_> = (0..3).map(|_| enter(&room, "127.0.0.1").unwrap()).collect();
    assert!(!own.iter().any(is_gone));
    for [first, second, third, other] in [
        ["192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"],
        [
            "2001:db8::1",
            "2001:db8::2",
            "2001:db8::ffff:3",
            "2001:db8:0:1::1",
        ],
    ] {
        let first = enter(&room, first).unwrap();
        let second = enter(&room, second).unwrap();
        second.asks();
        let third = enter(&room, third).unwrap();
        assert!(is_gone(&first) && !is_gone(&second));
        third.asks();
        assert_eq!(
            enter(&room, &address_of(&room, &third)).unwrap_err(),
            Full::Address
        );
        let other = enter(&room, other).unwrap();
        for slot in [second, third, other] {
            slot.leave();
        }
    }
}

#[test]
fn nothing_is_counted_of_what_has_left_however_it_left() {
    let room = room(2, 2);
    for _ in 0..100 {
        let first = enter(&room, "192.0.2.1").unwrap();
        let second = enter(&room, "192.0.2.2").unwrap();
        is_answered(&first);
        let third = enter(&room, "192.0.2.3").unwrap();
        // An answer may end after its connection.
        third.asks();
        third.leave();
        third.answered();
        third.sent();
        for slot in [first, second] {
            slot.leave();
        }
        let taken = room.taken();
        assert!(taken.all.is_empty() && taken.by_peer.is_empty() && taken.waiting.is_empty());
    }
}

fn address_of(room: &Admission, slot: &Connection) -> String {
    match room.taken().all[&slot.id()] {
        Peer::ThisMachine => "127.0.0.1".to_owned(),
        Peer::Address(address) => address.to_string(),
    }
}

impl Connection {
    fn room_has_it(&self) -> bool {
        self.room().taken().all.contains_key(&self.id())
    }
}
