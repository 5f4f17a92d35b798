use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;

use super::*;

const TIME: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug)]
enum Happens {
    Came(&'static str),
    Sends,
    HasSent,
    Asks,
    Answered,
    Sent,
}

use Happens::{Answered, Asks, Came, HasSent, Sends, Sent};

/// Of a port with one place.
fn connection() -> (Arc<Admission>, Connection) {
    let room = Arc::new(Admission::new(Limits {
        connections: 1,
        per_address: 1,
        head: TIME,
        body: TIME,
        idle: TIME,
    }));
    let entered = room.enter(IpAddr::V4(Ipv4Addr::LOCALHOST)).unwrap();
    let connection = Connection::new(Arc::clone(&room), entered.slot);
    (room, connection)
}

fn happens(connection: &Connection, event: Happens) {
    match event {
        Came(bytes) => connection.came(bytes.as_bytes()),
        Sends => connection.sends(),
        HasSent => connection.has_sent(),
        Asks => connection.asks(),
        Answered => connection.answered(),
        Sent => connection.sent(),
    }
}

fn makes_room(room: &Arc<Admission>) -> bool {
    room.enter(IpAddr::V4(Ipv4Addr::LOCALHOST)).is_ok()
}

#[test]
fn a_connection_has_the_phase_of_what_it_is_waited_for() {
    let whole = Came("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    let with_next = Came("GET / HTTP/1.1\r\n\r\nGET");
    let cases: [(&[Happens], Phase); 24] = [
        (&[], Phase::Head),
        (&[Came("GET")], Phase::Head),
        (&[whole, Asks], Phase::Asked),
        (&[whole, Asks, Answered], Phase::Answered),
        (&[whole, Asks, Answered, Sent], Phase::Idle),
        // What is sent before the answer has its end, as the head of a stream, ends nothing.
        (&[whole, Asks, Sent], Phase::Asked),
        (&[whole, Asks, Answered, Sent, Sent], Phase::Idle),
        (&[whole, Asks, Answered, Sent, Came("G")], Phase::Head),
        (&[whole, Asks, Answered, Sent, whole, Asks], Phase::Asked),
        // A next request that has begun before this one's answer was sent.
        (&[with_next, Asks, Answered, Sent], Phase::Head),
        (&[whole, Asks, Came("G"), Answered, Sent], Phase::Head),
        (&[whole, Asks, Answered, Came("G"), Sent], Phase::Head),
        (
            &[with_next, Asks, Answered, Asks, Answered, Sent],
            Phase::Head,
        ),
        (
            &[
                whole,
                Asks,
                Came("G"),
                Answered,
                Sent,
                Came(" / HTTP/1.1\r\n\r\n"),
                Asks,
                Answered,
                Sent,
            ],
            Phase::Idle,
        ),
        // The next one's head is read before the last of this one's answer is written.
        (&[whole, Asks, Answered, whole, Asks, Sent], Phase::Asked),
        (&[whole, Asks, Answered, Sends, Sent], Phase::Body),
        // An empty line that comes in parts, and one without carriage returns.
        (
            &[
                Came("GET / HTTP/1.1\r\n\r"),
                Came("\n"),
                Asks,
                Answered,
                Sent,
            ],
            Phase::Idle,
        ),
        (
            &[Came("GET / HTTP/1.1\n"), Came("\n"), Asks, Answered, Sent],
            Phase::Idle,
        ),
        (&[whole, Sends], Phase::Body),
        (&[whole, Sends, Came("{")], Phase::Body),
        (&[whole, Sends, Came("{}"), HasSent], Phase::Asked),
        (
            &[whole, Sends, Came("{}"), HasSent, Answered, Sent],
            Phase::Idle,
        ),
        (
            &[whole, Sends, HasSent, Came("G"), Answered, Sent],
            Phase::Head,
        ),
        // Answered before anybody has read its body.
        (&[whole, Sends, Answered], Phase::Answered),
    ];
    for (events, phase) in cases {
        let (room, connection) = connection();
        for event in events {
            happens(&connection, *event);
        }
        assert_eq!(connection.slot.state().phase, phase, "{events:?}");
        let is_asking = matches!(phase, Phase::Asked | Phase::Answered);
        assert_eq!(makes_room(&room), !is_asking, "{events:?}");
    }
}

proptest! {
    /// Whatever happens, and in whatever order.
    #[test]
    fn a_connection_makes_room_just_when_nothing_is_asked_over_it(
        events in prop::collection::vec(
            prop::sample::select(vec![Came("G"), Came("\r\n\r\n"), Sends, HasSent, Asks, Answered, Sent]),
            0..12,
        ),
    ) {
        let (room, connection) = connection();
        for event in events {
            happens(&connection, event);
        }
        let is_asking = matches!(connection.slot.state().phase, Phase::Asked | Phase::Answered);
        prop_assert_eq!(makes_room(&room), !is_asking);
        let after = connection.slot.state().phase;
        prop_assert_eq!(after == Phase::Over, !is_asking);
    }
}
