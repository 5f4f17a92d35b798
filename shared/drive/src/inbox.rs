//! What reaches the driver's task, in order; text that is ready together is joined.
//!
//! Each piece of text costs an input to the loop, a frame and a write to the client. Where pieces arrive faster than that, they
//! go on together; where they do not, nothing waits.

use std::collections::VecDeque;

use run::{Call, CallEnd, Epoch, Event, Restart};
use store::{Log, LogEvent, StoreError};
use tokio::sync::mpsc;

/// Messages on their way to the loop, text of calls foremost.
const CAPACITY: usize = 256;
/// Messages that are received at once, before anything else is handled.
const TAKEN_AT_ONCE: usize = 64;
/// Joined text is no longer than about this many bytes.
const JOINED_BYTES: usize = 4 * 1024;

/// What reaches the driver's task.
pub(crate) enum Message {
    Call(Call, Report),
    /// An append, or what is left of it.
    Append(AppendReport),
    Renewed {
        until_ms: u64,
        result: Result<bool, StoreError>,
    },
    Polled(Result<Log, StoreError>),
}

/// What an attempt at a call reports.
pub(crate) enum Report {
    Text(String),
    StartedOver(Restart),
    BrokenOff(Restart),
    Ended(CallEnd),
}

/// What an append reports.
pub(crate) enum AppendReport {
    Stored {
        events: Vec<Event>,
    },
    Collided {
        epoch: Epoch,
        events: Vec<LogEvent>,
    },
    /// This driver may not write any more.
    LeaseLost,
    Failed {
        message: String,
    },
}

pub(crate) struct Inbox {
    receiver: mpsc::Receiver<Message>,
    /// Messages that have been received and not been handled.
    taken: VecDeque<Message>,
}

impl Inbox {
    pub(crate) fn new() -> (mpsc::Sender<Message>, Self) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        let taken = VecDeque::new();
        (sender, Self { receiver, taken })
    }

    /// Waits for a message and receives those that have come with it; `None` when nobody can send any more.
    pub(crate) async fn wait(&mut self) -> Option<()> {
        self.taken.push_back(self.receiver.recv().await?);
        while self.taken.len() < TAKEN_AT_ONCE
            && let Ok(message) = self.receiver.try_recv()
        {
            self.taken.push_back(message);
        }
        Some(())
    }

    /// The next of the received messages.
    pub(crate) fn pop(&mut self) -> Option<Message> {
        let mut message = self.taken.pop_front()?;
        if let Message::Call(call, Report::Text(content)) = &mut message {
            while content.len() < JOINED_BYTES
                && let Some(more) = self.pop_text_of(*call)
            {
                content.push_str(&more);
            }
        }
        Some(message)
    }

    fn pop_text_of(&mut self, call: Call) -> Option<String> {
        let front = self.taken.pop_front_if(
            |message| matches!(message, Message::Call(of, Report::Text(_)) if *of == call),
        )?;
        match front {
            Message::Call(_, Report::Text(content)) => Some(content),
            Message::Call(_, _)
            | Message::Append(_)
            | Message::Renewed { .. }
            | Message::Polled(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use run::CallId;

    fn text(index: u32, attempt: u32, content: &str) -> Message {
        let call_id = CallId::Tool { round: 1, index };
        let call = Call { call_id, attempt };
        Message::Call(call, Report::Text(content.to_owned()))
    }

    async fn joined(messages: Vec<Message>) -> Vec<String> {
        let (sender, mut inbox) = Inbox::new();
        for message in messages {
            assert!(sender.try_send(message).is_ok());
        }
        inbox.wait().await.unwrap();
        std::iter::from_fn(|| inbox.pop())
            .map(|message| match message {
                Message::Call(call, Report::Text(content)) => {
                    format!("{}: {content}", call.call_id)
                }
                Message::Call(_, _)
                | Message::Append(_)
                | Message::Renewed { .. }
                | Message::Polled(_) => "other".to_owned(),
            })
            .collect()
    }

    #[tokio::test]
    async fn text_that_is_ready_together_is_joined_within_its_call_and_attempt() {
        let messages = vec![
            text(0, 1, "a"),
            text(0, 1, "b"),
            text(1, 1, "c"),
            text(0, 1, "d"),
            text(0, 2, "e"),
            Message::Append(AppendReport::LeaseLost),
            text(0, 2, "f"),
        ];
        let expected = [
            "r1.0: ab", "r1.1: c", "r1.0: d", "r1.0: e", "other", "r1.0: f",
        ];
        assert_eq!(joined(messages).await, expected);
    }

    #[tokio::test]
    async fn joined_text_is_bounded_and_nothing_of_it_is_lost() {
        let piece = "x".repeat(JOINED_BYTES / 2 + 1);
        let pieces = joined((0..5).map(|_| text(0, 1, &piece)).collect()).await;
        assert_eq!(pieces.len(), 3);
        let bytes: usize = pieces
            .iter()
            .map(|piece| piece.len() - "r1.1: ".len())
            .sum();
        assert_eq!(bytes, 5 * piece.len());
    }
}
