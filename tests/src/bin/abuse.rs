//! Puts all abuse at once on a process of the stack and prints what came of it: `cargo run -p tests --bin abuse [-- --small] [--seed N]`.

use tests::campaign::abuse::{Plan, carry_out};

#[tokio::main]
async fn main() -> Result<(), String> {
    let mut seed = rand::random::<u32>().into();
    let mut make: fn(u64) -> Plan = Plan::full;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match &*argument {
            "--small" => make = Plan::small,
            "--seed" => {
                let said = arguments.next().and_then(|it| it.parse().ok());
                seed = said.ok_or("--seed takes a whole number")?;
            }
            other => return Err(format!("{other}: --small and --seed N are known")),
        }
    }
    println!("--seed {seed}");
    println!("{}", carry_out(make(seed)).await);
    Ok(())
}
