//! The rules of the regimes, as data.
//!
//! Each regime says how much of an entity blocked owners have to hold for it to be blocked too,
//! whether the shares of several count together, and whether control without shares counts.
//! Rules changed; each row says from which day until which day it is in force.
//! The rows are our reading of the texts named with them, and no legal advice.

use super::share::Bound;
use crate::model::Date;

/// Whose shares are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregation {
    /// Those of all blocked owners.
    All,
    /// Those that one listed party holds itself, through entities that it owns, or in a joint arrangement.
    EachParty,
}

/// What counts as owning at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The first day; none where it is not recorded here.
    pub from: Option<&'static str>,
    /// The last day.
    pub until: Option<&'static str>,
    /// The share that decides.
    pub threshold: Bound,
    /// Whether more than the threshold is needed.
    pub is_strict: bool,
    /// Whose shares add up.
    pub aggregation: Aggregation,
    /// Whether each party to a joint arrangement counts as holding the shares of all.
    pub counts_arrangements: bool,
    /// Whether control without shares counts.
    pub counts_control: bool,
    /// Whether a ship or another thing is blocked by whatever interest a blocked owner has in it.
    pub counts_any_interest: bool,
    /// Where that is written.
    pub source: &'static str,
}

impl Rules {
    /// Whether a share is enough.
    #[must_use]
    pub fn is_enough(&self, share: Bound) -> bool {
        if self.is_strict { share > self.threshold } else { share >= self.threshold }
    }

    /// Whether they are in force on a day.
    #[must_use]
    pub fn are_in_force(&self, day: Date) -> bool {
        let read = |text: &str| Date::parse(text).ok();
        self.from.and_then(read).is_none_or(|from| from <= day)
            && self.until.and_then(read).is_none_or(|until| day <= until)
    }
}

/// A sanctions regime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Regime {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// Whose listings count: a jurisdiction, as `listing` reads it.
    pub jurisdiction: &'static str,
    /// Topics of OpenSanctions that say that an entity is listed.
    pub topics: &'static [&'static str],
    /// Its rules, the older ones first.
    pub rules: &'static [Rules],
}

const OFAC: Rules = Rules {
    from: None,
    until: None,
    threshold: Bound::HALF,
    is_strict: false,
    aggregation: Aggregation::All,
    counts_arrangements: false,
    counts_control: false,
    counts_any_interest: true,
    source: "",
};

const EU: Rules = Rules { counts_control: true, ..OFAC };

/// The regimes, in the order in which they are listed.
pub const REGIMES: &[Regime] = &[
    // OFAC, "Revised Guidance on Entities Owned by Persons Whose Property and Interests in Property
    // Are Blocked", 13 August 2014, and FAQs 398 to 402, https://ofac.treasury.gov/faqs/401: 50 per
    // cent or more, directly or indirectly, in the aggregate, by one or more blocked persons; an
    // indirect share counts through an entity that is itself blocked, and not otherwise; control
    // does not count (398), nor does a blocked executive (400). The guidance of 14 February 2008,
    // which it replaced, did not add up the shares of several persons. Ships are named in notices
    // "as property in which a blocked person has an interest", without a least share.
    Regime {
        name: "OFAC",
        aliases: &["US", "USA", "SDN"],
        jurisdiction: "US",
        topics: &["sanction"],
        rules: &[
            Rules {
                until: Some("2014-08-12"),
                aggregation: Aggregation::EachParty,
                source: "OFAC guidance of 14 February 2008",
                ..OFAC
            },
            Rules { from: Some("2014-08-13"), source: "OFAC FAQs 398–402 (13 August 2014)", ..OFAC },
        ],
    },
    // OFSI, "UK financial sanctions: general guidance", section 4 (ownership and control), and for
    // instance Schedule 1 to the Russia (Sanctions) (EU Exit) Regulations 2019: more than 50 per
    // cent of the shares or votes, or control by other means. Holdings of several designated persons
    // are not added up, unless they are held jointly or in a joint arrangement, in which case each
    // party is treated as holding the combined shares, or unless one controls the other's rights.
    Regime {
        name: "UK-OFSI",
        aliases: &["UK", "OFSI", "GB"],
        jurisdiction: "GB",
        topics: &["sanction"],
        rules: &[Rules {
            is_strict: true,
            aggregation: Aggregation::EachParty,
            counts_arrangements: true,
            counts_control: true,
            source: "OFSI general guidance, section 4; SI 2019/855, Schedule 1",
            ..OFAC
        }],
    },
    // Council of the EU, "Best Practices for the effective implementation of restrictive measures".
    // The edition of 4 May 2018 (8519/18) has "more than 50 %", that of 3 July 2024 (11623/24)
    // "50 % or more"; the later wording is from memory and should be read again before it is quoted.
    // Shares of several listed persons are added up (Commission FAQ on asset freezes); control
    // counts, and may be rebutted case by case, which nothing here can judge.
    Regime {
        name: "EU",
        aliases: &["Council"],
        jurisdiction: "EU",
        topics: &["sanction"],
        rules: &[
            Rules {
                until: Some("2024-07-02"),
                is_strict: true,
                source: "EU Best Practices 8519/18 (more than 50 %); Commission FAQ on asset freezes",
                ..EU
            },
            Rules {
                from: Some("2024-07-03"),
                source: "EU Best Practices 11623/24 (50 % or more); Commission FAQ on asset freezes",
                ..EU
            },
        ],
    },
    // US Bureau of Industry and Security, interim final rule "Expansion of End-User Controls to Cover
    // Affiliates of Certain Listed Entities", 29 September 2025: 50 per cent or more, in the aggregate,
    // directly or indirectly, like OFAC's. Suspended from 10 November 2025 for a year; that it comes
    // back on 10 November 2026 is what was announced, and not confirmed. A ship is no foreign
    // affiliate of its own, so that the rule says nothing about any interest in one.
    Regime {
        name: "BIS-Affiliates",
        aliases: &["BIS", "Affiliates"],
        jurisdiction: "US",
        topics: &["sanction", "export.control"],
        rules: &[
            Rules {
                from: Some("2025-09-29"),
                until: Some("2025-11-09"),
                counts_any_interest: false,
                source: "BIS interim final rule of 29 September 2025",
                ..OFAC
            },
            Rules {
                from: Some("2026-11-10"),
                counts_any_interest: false,
                source: "BIS interim final rule of 29 September 2025, after its suspension as announced",
                ..OFAC
            },
        ],
    },
];

impl Regime {
    /// The regime with a name, whatever its case and marks.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        let wanted = plain(name);
        REGIMES.iter().find(|regime| {
            std::iter::once(&regime.name).chain(regime.aliases).any(|known| plain(known) == wanted)
        })
    }

    /// The rules in force on a day; none where there were none.
    #[must_use]
    pub fn rules_on(&self, day: Date) -> Option<&'static Rules> {
        self.rules.iter().find(|rules| rules.are_in_force(day))
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_dates_and_do_not_overlap() {
        for regime in REGIMES {
            for text in regime.rules.iter().flat_map(|rules| [rules.from, rules.until]).flatten() {
                assert!(Date::parse(text).is_ok(), "{text}");
            }
            for pair in regime.rules.windows(2) {
                assert!(pair[0].until < pair[1].from, "{}", regime.name);
            }
        }
    }

    #[test]
    fn regimes_are_found_by_any_of_their_names() {
        let found = |name| Regime::find(name).map(|regime| regime.name);
        assert_eq!(found("uk ofsi"), Some("UK-OFSI"));
        assert_eq!(found("bis"), Some("BIS-Affiliates"));
        assert_eq!(found("Narnia"), None);
    }

    #[test]
    fn rules_change_with_the_day() {
        let rules = |name, day| Regime::find(name)?.rules_on(Date::parse(day).ok()?);
        assert!(rules("EU", "2024-07-02").is_some_and(|rules| rules.is_strict));
        assert!(rules("EU", "2024-07-03").is_some_and(|rules| !rules.is_strict));
        assert!(rules("BIS", "2026-01-01").is_none());
    }
}
