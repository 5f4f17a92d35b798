use std::time::Duration;

use super::*;

const TIME: Duration = Duration::from_secs(1);

fn room(connections: usize, per_address: usize) -> Arc<Room> {
    Arc::new(Room::new(Limits {
        connections,
        per_address,
        head: TIME,
        body: TIME,
        idle: TIME,
    }))
}

fn enter(room: &Arc<Room>, address: &str) -> Result<Arc<Seat>, Full> {
    let entered = room.enter(address.parse().unwrap());
    entered.map(|entered| entered.seat)
}

/// Whether the connection has had to go.
fn is_gone(seat: &Seat) -> bool {
    !seat.room_has_it()
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
    // One that has been answered stays longer than those that never asked.
    asking.waits();
    let fifth = enter(&room, "127.0.0.1").unwrap();
    assert!(is_gone(&third) && !is_gone(&asking) && !is_gone(&fourth));
    for seat in [&asking, &fourth, &fifth] {
        seat.asks();
    }
    assert_eq!(enter(&room, "127.0.0.1").unwrap_err(), Full::Port);
    fourth.leave();
    enter(&room, "127.0.0.1").unwrap();
}

#[test]
fn one_address_does_not_take_the_room_of_others() {
    let room = room(9, 2);
    let own: Vec<_> = (0..3).map(|_| enter(&room, "127.0.0.1").unwrap()).collect();
    assert!(!own.iter().any(|seat| is_gone(seat)));
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
        for seat in [second, third, other] {
            seat.leave();
        }
    }
}

#[test]
fn nothing_is_counted_of_what_has_left_however_it_left() {
    let room = room(2, 2);
    for _ in 0..100 {
        let first = enter(&room, "192.0.2.1").unwrap();
        let second = enter(&room, "192.0.2.2").unwrap();
        first.asks();
        first.waits();
        let third = enter(&room, "192.0.2.3").unwrap();
        // An answer may end after its connection.
        third.asks();
        third.leave();
        third.waits();
        for seat in [first, second] {
            seat.leave();
        }
        let taken = room.taken();
        assert!(taken.all.is_empty() && taken.by_peer.is_empty() && taken.waiting.is_empty());
    }
}

fn address_of(room: &Room, seat: &Seat) -> String {
    match room.taken().all[&seat.id] {
        Peer::ThisMachine => "127.0.0.1".to_owned(),
        Peer::Address(address) => address.to_string(),
    }
}

impl Seat {
    fn room_has_it(&self) -> bool {
        self.room().taken().all.contains_key(&self.id)
    }
}
