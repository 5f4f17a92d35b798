//! How fast replies are decoded, and what it costs in allocations, beside the path of `async-openai`: its event stream
//! (`eventsource-stream`) and its types, on the same bytes in the same pieces, without its task and channel.
//!
//! `CARGO_PROFILE_BENCH_OPT_LEVEL=3 cargo bench -p model --bench decode`: without the variable the other side is built for size,
//! as this workspace builds most of what it uses.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program that prints a table, and fails by panicking"
)]

use std::alloc::System;
use std::hint::black_box;
use std::time::{Duration, Instant};

use async_openai::types::chat::CreateChatCompletionStreamResponse;
use eventsource_stream::EventStream;
use futures_util::{StreamExt as _, stream};
use model::{Decoder, Offered, Piece};
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Deltas of one reply.
const DELTAS: usize = 4000;
/// Bytes that come at once from a fast server, and about as many as one delta takes.
const PIECES: [usize; 2] = [16 * 1024, 256];
/// Each measurement is the best of this many.
const ROUNDS: usize = 50;
/// How long one round decodes: short, so that some rounds have the core to themselves on a busy machine.
const ROUND: Duration = Duration::from_millis(20);

struct Reply {
    name: &'static str,
    bytes: Vec<u8>,
    offered: Offered,
}

fn main() {
    println!("### Decoder: {DELTAS} deltas a reply, the best of {ROUNDS} rounds\n");
    println!(
        "| reply | bytes at once | decoder: MB/s | async-openai: MB/s | ratio | allocations a delta | async-openai's |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|");
    let (mut slowest, mut least, mut most) = (f64::MAX, f64::MAX, 0.0_f64);
    for reply in replies() {
        for piece in PIECES {
            let found = compare(&reply, piece);
            slowest = slowest.min(found.speed);
            least = least.min(found.ratio);
            most = most.max(found.allocations);
        }
    }
    println!();
    goal(
        "at least 150 MB/s",
        slowest >= 150.0,
        &format!("{slowest:.0} MB/s at the slowest"),
    );
    goal(
        "at least 1.5 × async-openai",
        least >= 1.5,
        &format!("{least:.2} × at the least"),
    );
    goal(
        "no allocation a delta but its text and what an escape costs",
        most <= MAX_ALLOCATIONS,
        &format!("{most:.3} at the most"),
    );
    // Unlike the others it depends on no machine.
    assert!(most <= MAX_ALLOCATIONS, "{most} allocations a delta");
}

/// Allocations a delta: one is its text as it is given out, where each comes by itself; `serde_json` takes two more for a text
/// with an escape in it, as every tenth has here; and what gathers the whole reply grows now and then.
const MAX_ALLOCATIONS: f64 = 1.0 + 2.0 * 0.1 + 0.01;

struct Found {
    speed: f64,
    ratio: f64,
    allocations: f64,
}

fn goal(what: &str, is_met: bool, found: &str) {
    let verdict = if is_met { "met" } else { "missed" };
    println!("Goal: {what}. **{verdict}**: {found}.");
}

fn compare(reply: &Reply, piece: usize) -> Found {
    let ours = || decode(reply, piece);
    let theirs = || decode_as_async_openai(&reply.bytes, piece);
    let (mut fast, mut slow) = (0.0_f64, 0.0_f64);
    // By turns, so that a busy machine slows both.
    for _ in 0..ROUNDS {
        fast = fast.max(speed(reply, ours));
        slow = slow.max(speed(reply, theirs));
    }
    let (counted, theirs) = (allocations(ours), allocations(theirs));
    let ratio = fast / slow;
    println!(
        "| {} | {piece} | {fast:.0} | {slow:.0} | {ratio:.2} | {counted:.3} | {theirs:.3} |",
        reply.name,
    );
    Found {
        speed: fast,
        ratio,
        allocations: counted,
    }
}

fn decode(reply: &Reply, piece: usize) -> usize {
    let mut decoder = Decoder::new(reply.offered.clone());
    let mut shown = 0;
    for piece in reply.bytes.chunks(piece) {
        decoder.feed(piece);
        shown += take_pieces(&mut decoder);
    }
    decoder.end();
    shown += take_pieces(&mut decoder);
    let message = decoder.into_message(0);
    shown
        + message
            .calls
            .iter()
            .map(|call| call.arguments.len())
            .sum::<usize>()
}

fn take_pieces(decoder: &mut Decoder) -> usize {
    let mut shown = 0;
    while let Some(piece) = decoder.next_piece().unwrap() {
        if let Piece::Content(text) = black_box(piece) {
            shown += text.len();
        }
    }
    shown
}

fn decode_as_async_openai(bytes: &[u8], piece: usize) -> usize {
    let pieces = bytes.chunks(piece).map(Ok::<_, std::io::Error>);
    let mut events = std::pin::pin!(EventStream::new(stream::iter(pieces)));
    let read = async {
        let mut shown = 0;
        while let Some(event) = events.next().await {
            let event = event.unwrap();
            if event.data == "[DONE]" {
                break;
            }
            let chunk = serde_json::from_str::<CreateChatCompletionStreamResponse>(&event.data);
            let content = black_box(chunk.unwrap()).choices.into_iter().next();
            shown += content
                .and_then(|choice| choice.delta.content)
                .map_or(0, |text| text.len());
        }
        shown
    };
    futures_util::FutureExt::now_or_never(read).unwrap()
}

/// Megabytes a second, over one round.
fn speed(reply: &Reply, decode: impl Fn() -> usize) -> f64 {
    let began = Instant::now();
    let mut times = 0_u32;
    while began.elapsed() < ROUND {
        black_box(decode());
        times += 1;
    }
    megabytes(reply) * f64::from(times) / began.elapsed().as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "far fewer bytes than matter")]
fn megabytes(reply: &Reply) -> f64 {
    reply.bytes.len() as f64 / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than matter")]
fn allocations(decode: impl Fn() -> usize) -> f64 {
    let region = Region::new(ALLOCATOR);
    black_box(decode());
    let change = region.change();
    (change.allocations + change.reallocations) as f64 / DELTAS as f64
}

fn replies() -> Vec<Reply> {
    let text = |word: &str| json!({"content": word});
    let reasoning = |word: &str| json!({"reasoning_content": word, "content": null});
    let tools = [json!({"type": "function", "function": {"name": "search", "parameters": {}}})];
    vec![
        reply("OpenAI: text", &[], &text),
        reply("OpenAI: text, tools offered", &tools, &text),
        reply("OpenAI: reasoning", &tools, &reasoning),
        reply("OpenAI: arguments of a call", &tools, &arguments),
    ]
}

fn arguments(word: &str) -> Value {
    json!({"tool_calls": [{"index": 0, "function": {"arguments": word}}]})
}

fn reply(name: &'static str, tools: &[Value], delta: &dyn Fn(&str) -> Value) -> Reply {
    let words = [
        " The",
        " quick",
        " brown",
        " fox",
        ",",
        " that",
        " is",
        " a\n",
        " \u{201c}jump",
        "er\u{201d}",
    ];
    let first = json!({"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": {"name": "search", "arguments": ""}}]});
    let is_call = delta("").get("tool_calls").is_some();
    let said = words
        .iter()
        .cycle()
        .take(DELTAS)
        .map(|word| frame(&delta(word), None));
    let first = is_call.then(|| frame(&first, None));
    let end = frame(&json!({}), Some("stop"));
    let frames: Vec<_> = first
        .into_iter()
        .chain(said)
        .chain([end, "data: [DONE]\n\n".to_owned()])
        .collect();
    Reply {
        name,
        bytes: frames.concat().into_bytes(),
        offered: Offered::of_functions(tools),
    }
}

fn frame(delta: &Value, finish_reason: Option<&str>) -> String {
    let chunk = json!({
        "id": "chatcmpl-CZ1kQ2a8d9e0f1g2h3i4j5k6l7m8n", "object": "chat.completion.chunk", "created": 1_763_800_000,
        "model": "gpt-5-mini-2025-08-07", "service_tier": "default", "system_fingerprint": null,
        "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason}],
        "usage": null,
    });
    format!("data: {chunk}\n\n")
}
