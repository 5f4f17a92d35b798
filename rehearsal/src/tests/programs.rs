//! The programs that the rules write.

use std::path::{Path, PathBuf};

use super::orchestrate::{Need, needs};
use super::*;

/// What the program for a question prints.
fn printed(question: &str) -> String {
    for need in needs(question) {
        if let Need::Code { program } = need {
            return python(&program)
                .unwrap_or_else(|fault| panic!("{question}\n{program}\n{fault}"));
        }
    }
    panic!("no program for {question}");
}

/// Questions, each with one line that the program for it must print.
const PRINTED: &[(&str, &str)] = &[
    (
        "Generate the first 10 Fibonacci numbers and find their sum",
        "sum: 88",
    ),
    (
        "Generate the first 15 prime numbers and find their average",
        "average: 21.866666666666667",
    ),
    ("Compute the sum of the first 12 squares", "sum: 650"),
    (
        "Compute the sum of the squares of the first ten primes",
        "sum: 2397",
    ),
    (
        "first 5 odd numbers and the sum of their cubes",
        "sum: 1225",
    ),
    (
        "What is the sum of the even Fibonacci numbers below 100?",
        "sum: 44",
    ),
    (
        "List all prime numbers between 10 and 30",
        "values: [11, 13, 17, 19, 23, 29]",
    ),
    ("What is the sum of the numbers from 1 to 100?", "sum: 5050"),
    (
        "Give the product of the first six triangular numbers",
        "product: 56700",
    ),
    (
        "the first 6 powers of 2 and the largest of them",
        "largest: 32",
    ),
    ("What is the 20th Fibonacci number?", "values: [6765]"),
    ("What is the 10th prime number?", "values: [29]"),
    ("first 5 factorials, smallest and median", "median: 6"),
    ("What is 17 * 23 + 4?", "17 * 23 + 4 = 395"),
    ("what's 15% of 80", "15 / 100 * 80 = 12.0"),
    (
        "Calculate (3 + 4) ^ 2 - 7 times 2",
        "( 3 + 4 ) ** 2 - 7 * 2 = 35",
    ),
    ("Evaluate 1,200 divided by 16", "1200 / 16 = 75.0"),
    ("How much is 17 % 5?", "17 % 5 = 2"),
    (
        "What is the square root of 144 plus 5 squared?",
        "math.sqrt(144) + 5 ** 2 = 37.0",
    ),
    ("What is 5! / 4", "math.factorial(5) / 4 = 30.0"),
    ("compute -3 * 007", "- 3 * 7 = -21"),
    ("What is two plus the square of 7?", "2 + 7 ** 2 = 51"),
    (
        "Write Python code to check whether 97 is prime",
        "97 is prime",
    ),
    (
        "Write a Python function to compute the factorial of 10",
        "math.factorial(10) = 3628800",
    ),
    ("How many prime numbers are there below 100?", "count: 25"),
    (
        "write code to find the largest prime below 1000",
        "largest: 997",
    ),
    (
        "write code to find the largest prime below 1000",
        "and 118 more",
    ),
    (
        "Generate the Fibonacci sequence up to 50",
        "values: [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]",
    ),
    ("Use code to print \"Grüße, 世界\"", "text: Grüße, 世界"),
    ("Is 97 prime?", "97 is prime"),
    ("Is 91 a prime number?", "91 is not prime"),
    ("Find the median of 3, 9, 4 and 1", "median: 3.5"),
    ("Sort 5, 3.5, 8 and -2", "sorted: [-2, 3.5, 5, 8]"),
    (
        "What is the gcd of 84 and 36?",
        "greatest common divisor: 12",
    ),
    (
        "Write code to reverse the string 'orchestra'",
        "reversed: artsehcro",
    ),
    (
        "Use Python to count the vowels in \"Don't panic\"",
        "vowels: 3",
    ),
    (
        "How many times does the letter r occur in \"strawberry\"?",
        "r occurs 3 times",
    ),
    ("Is 'Never odd or even' a palindrome?", "palindrome: True"),
    (
        "Write code for: A pump moves 90 litres in 30 minutes, how much in total with python",
        "total: 90 litres",
    ),
];

#[test]
fn programs_compute_what_the_question_asks() {
    for (question, line) in PRINTED {
        let output = printed(question);
        assert!(
            output.lines().any(|found| found == *line),
            "{question}\n{output}"
        );
    }
}

#[test]
fn a_question_gets_into_a_program_only_as_a_quoted_text() {
    for (question, output) in [
        (
            "Write code to reverse the string '\\\"\nimport os'",
            "reversed: so tropmi\n\"\\\n",
        ),
        (
            "Use Python to find out how many letters are in “\\'; 1/0”",
            "letters: 0\n",
        ),
        (
            "Write code to print `\\' + str(1/0)`",
            "text: \\' + str(1/0)\n",
        ),
    ] {
        assert_eq!(printed(question), output, "{question}");
    }
    for question in [
        "Write code that says \"\"\" + str(1/0) + \"\"\"",
        "Use Python to count the letters in “\\” and “';x”",
        "Write code to check if \"); 1/0; (\" is installed",
    ] {
        assert_eq!(code::program(question), None, "{question}");
    }
}

#[test]
fn what_is_installed_is_looked_for_by_the_name_that_the_question_means() {
    for (question, name) in [
        (
            "Search for the latest Python version, then write code to check if it's installed on my system",
            "python",
        ),
        (
            "Look up the newest Rust release, then check with code whether it is installed on my computer",
            "rust",
        ),
        (
            "Find the latest version of node.js and check with code whether it is installed",
            "node.js",
        ),
        ("Is scikit-learn already installed?", "scikit-learn"),
        ("Do I have git installed here?", "git"),
    ] {
        let program = code::program(question).unwrap();
        assert!(program.contains(&format!("name = \"{name}\"")), "{program}");
        let output = python(&program).unwrap();
        assert!(
            output.contains(&format!("Python package {name}:")),
            "{output}"
        );
    }
}

#[test]
fn no_source_holds_text_for_a_particular_question() {
    let particular = [
        "tokyo",
        "osaka",
        "mayor",
        "train",
        "car",
        "cyclist",
        "orchestra",
        "km in",
        "120",
        "150",
        "192",
        "240",
        "88",
        "395",
        "20%",
        "strawberry",
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = sources(&folder);
    assert!(sources.len() >= 10);
    for (path, source) in sources {
        // Comments may give examples of a form; strings may not.
        let code = source
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let code = code.collect::<Vec<_>>().join("\n");
        for word in particular {
            let alone = |at: usize| {
                let is_part = |c: char| c.is_alphanumeric() || c == '_';
                let before = code[..at].chars().next_back();
                let after = code[at + word.len()..].chars().next();
                !before.is_some_and(is_part) && !after.is_some_and(is_part)
            };
            let found = code.match_indices(word).any(|(at, _)| alone(at));
            assert!(!found, "{word} in {}", path.display());
        }
    }
}

/// Every source below `folder`, in lower case, tests aside.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let paths = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| !path.ends_with("tests"));
    let read = |path: PathBuf| {
        if path.is_dir() {
            return sources(&path);
        }
        let source = std::fs::read_to_string(&path).unwrap();
        vec![(path, source.to_lowercase())]
    };
    paths.flat_map(read).collect()
}

/// What a stack is asked that is to work for long, and what follows an earlier question.
#[test]
fn a_task_that_takes_long_and_a_short_second_question_get_a_program() {
    for (question, line) in [
        (
            "Is 1000000000000000000000000000057 a prime number? Use code",
            "n = 1000000000000000000000000000057",
        ),
        ("And 6 times 8?", "value = 6 * 8"),
    ] {
        let program = code::program(question).unwrap();
        assert!(program.lines().any(|found| found == line), "{program}");
    }
}
