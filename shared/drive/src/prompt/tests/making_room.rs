//! What goes from a conversation once the model's context is full, and how much of it stays.

use model::{ChatMessage, ChatRequest};

use super::*;

/// A run whose rounds are told in a context of so many tokens.
struct Told {
    run: Run,
    context_tokens: u32,
    conversation: Conversation,
}

impl Told {
    fn new(context_tokens: u32) -> Self {
        let (run, catalog) = (run_at_its_start(), catalog(context_tokens));
        let tool_set = catalog.tool_set(&Preferences::default(), |_| true);
        let form = Form {
            context_tokens,
            calls: run::AskedBy::Native,
            thinks_first: false,
        };
        let conversation = Conversation::new(&run, &tool_set, form);
        Self {
            run,
            context_tokens,
            conversation,
        }
    }

    /// What is told in the round behind those that have ended, which does not begin.
    fn request(&mut self) -> ChatRequest {
        let mut run = self.run.clone();
        let round = run.rounds.len() + 1;
        let round = u32::try_from(round).unwrap();
        run.apply(&Event::RoundStart {
            round,
            reserved: None,
        });
        self.conversation.request(&run)
    }

    /// Bytes that all messages may have.
    fn budget(&mut self) -> usize {
        let request = self.request();
        let tools: usize = request.tools.iter().map(|it| it.to_string().len()).sum();
        let question = self.context_tokens - request.max_tokens.unwrap();
        super::super::form::bytes(question) - tools
    }
}

fn size(request: &ChatRequest) -> usize {
    request.messages.iter().map(ChatMessage::len).sum()
}

/// The messages that hold this.
fn holding<'a>(request: &'a ChatRequest, text: &str) -> Vec<&'a str> {
    let messages = request.messages.iter().map(ChatMessage::json);
    messages.filter(|message| message.contains(text)).collect()
}

/// A round of so many calls, each of which is brought so many bytes.
fn look_often(run: &mut Run, number: u32, calls: u32, bytes: usize) {
    run.apply(&Event::RoundStart {
        round: number,
        reserved: None,
    });
    run.apply(&Event::RoundDecided {
        round: number,
        calls,
        model: ModelId::new("qwen"),
        finish_reason: "tool_calls".to_owned(),
        duration_ms: 0,
        usage: None,
        cost: None,
        prompt: None,
        asked_by: run::AskedBy::Native,
    });
    let spec = CallSpec {
        tool: ToolName::new("look"),
        arguments: Map::new(),
        model: None,
        role: Role::Work,
        repeatable: true,
        origin: Origin::Model,
        sources: None,
        composition: None,
    };
    let id = |index| CallId::Tool {
        round: number,
        index,
    };
    for index in 1..=calls {
        let (call_id, spec) = (id(index), spec.clone());
        run.apply(&Event::ToolCall(ToolCall {
            call_id,
            spec,
            reserved: None,
        }));
    }
    for index in 1..=calls {
        let brought = Map::from_iter([("text".to_owned(), json!("x".repeat(bytes)))]);
        run.apply(&Event::ToolResult(ToolResult {
            call_id: id(index),
            outcome: Outcome::Object(brought.into()),
            spent: Spent::default(),
        }));
    }
}

#[test]
fn all_is_told_up_to_the_last_byte_that_there_is_room_for() {
    let with = |bytes| {
        let mut told = Told::new(8192);
        look(&mut told.run, 1, bytes);
        let budget = told.budget();
        (told.request(), budget)
    };
    let (empty, budget) = with(0);
    let most = budget - size(&empty);
    let (whole, _) = with(most);
    assert_eq!(size(&whole), budget);
    assert!(holding(&whole, "left out").is_empty());
    let (cut, _) = with(most + 1);
    assert_eq!(holding(&cut, "left out").len(), 1);
}

#[test]
fn the_newest_results_share_what_room_there_is_and_a_quarter_is_left_free() {
    for (calls, bytes) in [(1, 60_000), (2, 60_000), (3, 9_000)] {
        let mut told = Told::new(8192);
        look_often(&mut told.run, 1, calls, bytes);
        let enough = told.budget() / 4 * 3;
        let request = told.request();
        let cut = holding(&request, "left out");
        assert_eq!(cut.len(), usize::try_from(calls).unwrap());
        let lengths: Vec<_> = cut.iter().map(|message| message.len()).collect();
        assert!(lengths.iter().all(|length| *length == lengths[0]));
        let size = size(&request);
        let notes = 120 * cut.len();
        assert!(
            (enough - notes..enough + notes).contains(&size),
            "{calls} calls: {size} of {enough}"
        );
    }
}

#[test]
fn older_results_are_shortened_before_rounds_are_left_out_and_only_as_many_as_is_needed() {
    let mut told = Told::new(8192);
    let budget = told.budget();
    let mut sizes = Vec::new();
    for number in 1..=80 {
        look(&mut told.run, number, 2000);
        let request = told.request();
        let size = size(&request);
        assert!(size <= budget, "{size} in round {number}");
        sizes.push(size);
        let rounds = (request.messages.len() - 2) / 2;
        let whole = holding(&request, &"x".repeat(2000)).len();
        if number <= 15 {
            assert_eq!(rounds, usize::try_from(number).unwrap(), "all are told");
        }
        assert!(whole >= 1, "the newest is whole");
        // What room was made is soon used, and never much more than is asked for.
        if rounds > 1 && size < budget / 4 * 3 {
            assert!(
                number < 10 || size + 2200 > budget / 4 * 3,
                "{size} in round {number}"
            );
        }
    }
    assert!(sizes.iter().any(|size| *size > budget / 4 * 3));
}

#[test]
fn rounds_that_brought_nothing_are_left_out_first_and_the_newest_never() {
    let failed = |number: u32| Outcome::Failed {
        code: "timeout".to_owned(),
        message: format!("r{number} failed"),
        retryable: true,
    };
    let mut told = Told::new(4096);
    for number in 1..=16 {
        if number % 2 == 0 {
            look_at(&mut told.run, number, Map::new(), failed(number));
        } else {
            look(&mut told.run, number, 1500);
        }
    }
    let request = told.request();
    let useful: Vec<_> = (1..=16)
        .filter(|number| !holding(&request, &format!("r{number} x")).is_empty())
        .collect();
    let useless: Vec<_> = (1..=16)
        .filter(|number| !holding(&request, &format!("r{number} failed")).is_empty())
        .collect();
    let odd: Vec<_> = (1..=16).step_by(2).collect();
    assert_eq!((useful, useless), (odd, vec![12, 14, 16]));
}

#[test]
fn what_the_newest_round_brought_again_is_of_no_more_use_before_and_the_newest_stays_whatever_it_brought()
 {
    let brought = |number: u32| {
        let text = format!("r{number} {}", "x".repeat(9000));
        Outcome::Object(Map::from_iter([("text".to_owned(), Value::from(text))]).into())
    };
    let mut told = Told::new(10_000);
    look(&mut told.run, 1, 4000);
    for number in [2, 3] {
        look_at(&mut told.run, number, Map::new(), brought(number));
    }
    let request = told.request();
    let length_of = |number: u32| holding(&request, &format!("r{number} x"))[0].len();
    let lengths = [1, 2, 3].map(length_of);
    assert!(
        lengths[0] > 4000 && lengths[1] < 1000 && lengths[2] > 9000,
        "{lengths:?}"
    );

    let mut told = Told::new(4096);
    for number in 1..=20 {
        look(&mut told.run, number, 1500);
    }
    let failed = Outcome::Failed {
        code: "timeout".to_owned(),
        message: format!("r21 failed {}", "y".repeat(3000)),
        retryable: true,
    };
    look_at(&mut told.run, 21, Map::new(), failed);
    let request = told.request();
    assert_eq!(holding(&request, "r21 failed").len(), 1);
    assert!(holding(&request, "r1 x").is_empty());
}
