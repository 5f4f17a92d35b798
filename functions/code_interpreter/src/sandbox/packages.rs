//! The packages that a zygote has imported before its first program. What a program wants beyond them it imports itself.

/// What programs import most, and what is slow to import.
pub const PACKAGES: [&str; 3] = ["numpy", "pandas", "matplotlib.pyplot"];

/// What a zygote has imported before its first program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packages {
    None,
    Numpy,
    /// numpy, pandas and matplotlib.
    All,
}

impl Packages {
    pub const EACH: [Self; 3] = [Self::None, Self::Numpy, Self::All];

    /// Those that a program most likely wants. What it wants beyond them it imports itself, as in any Python.
    pub fn of(code: &str) -> Self {
        let mentions = |words: &[&str]| words.iter().any(|word| code.contains(word));
        if mentions(&["pandas", "matplotlib", "pylab", "seaborn"]) {
            Self::All
        } else if mentions(&["numpy"]) {
            Self::Numpy
        } else {
            Self::None
        }
    }

    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::None => &[],
            Self::Numpy => &PACKAGES[..1],
            Self::All => &PACKAGES,
        }
    }

    /// The least that has all of these that are installed.
    pub fn among(self, installed: &[String]) -> Self {
        let wanted = |packages: &Self| {
            let is_installed = |name: &&&str| installed.iter().any(|it| it == **name);
            packages.names().iter().filter(is_installed).count()
        };
        let enough = |packages: &Self| wanted(packages) == wanted(&self);
        Self::EACH.into_iter().find(enough).unwrap_or(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_gets_the_packages_that_it_mentions_as_far_as_they_are_installed() {
        let all = PACKAGES.map(str::to_owned);
        let cases = [
            ("print(1)", Packages::None, Packages::None),
            ("import numpy as np", Packages::Numpy, Packages::Numpy),
            ("import pandas, numpy", Packages::All, Packages::Numpy),
            ("import matplotlib.pyplot", Packages::All, Packages::Numpy),
            ("import seaborn as sns", Packages::All, Packages::Numpy),
        ];
        for (code, with_all, with_numpy) in cases {
            assert_eq!(Packages::of(code).among(&all), with_all);
            assert_eq!(Packages::of(code).among(&all[..1]), with_numpy);
            assert_eq!(Packages::of(code).among(&[]), Packages::None);
        }
    }
}
