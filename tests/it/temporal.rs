//! What holds of all dates, times and durations.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use proptest::prelude::*;
use throughline::error::Result;
use throughline::graph::{Graph, Lens};
use throughline::model::time::{
    DateTime, LocalDateTime, LocalTime, NamedZone, Parts, TimeZone, between, seconds_between,
};
use throughline::model::{Date, Duration, Time, Value};
use throughline::query::{self, Options, parser};

const DAY_NANOS: i64 = 86_400_000_000_000;

/// Zones whose clocks have been changed in many ways.
const ZONES: [&str; 8] = [
    "Europe/Stockholm",
    "Asia/Pyongyang",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Monrovia",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "UTC",
];

fn dates() -> impl Strategy<Value = Date> {
    let near = -100_000..100_000_i64;
    let far = Date::MIN.days() + 1000..Date::MAX.days() - 1000;
    prop_oneof![3 => near, 1 => far].prop_map(|days| Date::of_days(days).expect("within the years"))
}

fn clocks() -> impl Strategy<Value = LocalTime> {
    let nanos = prop_oneof![
        0..DAY_NANOS,
        (0..86_400_i64).prop_map(|seconds| seconds * 1_000_000_000),
        Just(0),
        Just(DAY_NANOS - 1),
    ];
    nanos.prop_map(|nanos| LocalTime::of_nanos(nanos).expect("within the day"))
}

fn locals() -> impl Strategy<Value = LocalDateTime> {
    (dates(), clocks()).prop_map(|(date, time)| LocalDateTime { date, time })
}

fn zones() -> impl Strategy<Value = TimeZone> {
    prop_oneof![
        (-64_800..=64_800_i32).prop_map(TimeZone::Offset),
        (-18..=18_i32).prop_map(|hours| TimeZone::Offset(hours * 3600)),
        prop::sample::select(&ZONES[..])
            .prop_map(|name| TimeZone::Named(NamedZone::find(name).expect("a known zone"))),
    ]
}

/// Of what clocks show, which they may skip, and of instants, at which they may show what they just showed.
fn datetimes() -> impl Strategy<Value = DateTime> {
    prop_oneof![
        (locals(), zones()).prop_map(|(local, zone)| DateTime::of_local(local, zone)),
        (locals(), zones()).prop_map(|(local, zone)| local.in_utc().in_zone(zone)),
        // Within some days of when clocks are put forward and back.
        (1950..2050_i32, prop::sample::select(vec![3, 4, 9, 10, 11]), 1..=31_i8, clocks(), zones()).prop_map(
            |(year, month, day, time, zone)| {
                let date = Date::within_month(year, month, day).expect("a month of the year");
                LocalDateTime { date, time }.in_utc().in_zone(zone)
            }
        ),
    ]
}

fn durations() -> impl Strategy<Value = Duration> {
    let parts = (
        -5000..5000_i64,
        -50_000..50_000_i64,
        -10_000_000..10_000_000_i64,
        -2_000_000_000..2_000_000_000_i64,
    );
    parts.prop_map(|(months, days, seconds, nanos)| {
        Duration::new(months, days, seconds, nanos).expect("not too long")
    })
}

fn times() -> impl Strategy<Value = Time> {
    (clocks(), -64_800..=64_800_i32).prop_map(|(local, offset_seconds)| Time { local, offset_seconds })
}

fn temporals() -> impl Strategy<Value = Value> {
    prop_oneof![
        dates().prop_map(Value::Date),
        clocks().prop_map(Value::LocalTime),
        times().prop_map(Value::Time),
        locals().prop_map(Value::LocalDateTime),
        datetimes().prop_map(Value::DateTime),
        durations().prop_map(Value::Duration),
    ]
}

/// What an expression gives with parameters.
fn outcome(text: &str, parameters: &BTreeMap<String, Value>) -> Result<Value> {
    let lens = Lens::default();
    let options = Options::new(&lens, 0);
    let statement = parser::parse_statement(&format!("RETURN {text} AS x"))?;
    let answer = query::run(&mut Graph::new(), &statement, parameters, &options)?;
    Ok(answer.rows.into_iter().flatten().next().unwrap_or_default())
}

fn eval(text: &str, parameters: BTreeMap<String, Value>) -> Value {
    outcome(text, &parameters).unwrap_or_else(|error| panic!("{text} {parameters:?}: {error}"))
}

fn parts(value: Value) -> Parts {
    Parts::of(&value).expect("a date or a time")
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(value in temporals()) {
        let make = value.type_name().to_lowercase();
        let read = eval(&format!("{make}(toString($x))"), [("x".to_owned(), value.clone())].into());
        prop_assert_eq!(&read, &value, "{}", value);
    }

    #[test]
    fn a_record_keeps_every_nanosecond(value in temporals()) {
        let bytes = postcard::to_stdvec(&value).expect("a value can be written");
        prop_assert_eq!(postcard::from_bytes::<Value>(&bytes).expect("just written"), value);
    }

    #[test]
    fn the_way_from_one_point_to_another_leads_there(a in locals(), b in locals()) {
        let way = between(parts(Value::LocalDateTime(a)), parts(Value::LocalDateTime(b))).expect("not too long");
        prop_assert_eq!(a.plus(way), Some(b), "{} {} {}", a, b, way);
        let way = between(parts(Value::Date(a.date)), parts(Value::Date(b.date))).expect("not too long");
        prop_assert_eq!(a.date.plus(way), Some(b.date));
    }

    #[test]
    fn it_leads_there_in_a_zone_too(a in datetimes(), b in datetimes()) {
        let b = b.in_zone(a.zone());
        let way = between(parts(Value::DateTime(a)), parts(Value::DateTime(b))).expect("not too long");
        prop_assert_eq!(a.plus(way), Some(b), "{} {} {}", a, b, way);
        let passed = seconds_between(parts(Value::DateTime(a)), parts(Value::DateTime(b)));
        prop_assert_eq!(a.plus(passed.expect("not too long")), Some(b));
    }

    #[test]
    fn the_parts_of_the_way_point_one_way(a in locals(), b in locals()) {
        let way = between(parts(Value::LocalDateTime(a)), parts(Value::LocalDateTime(b))).expect("not too long");
        let seconds = way.seconds() + i64::from(way.nanos() > 0 && way.seconds() < 0);
        let signs = [way.months().signum(), way.days().signum(), seconds.signum()];
        prop_assert!(!signs.contains(&1) || !signs.contains(&-1), "{} {} {}", a, b, way);
    }

    #[test]
    fn cutting_off_twice_is_cutting_off_once(
        value in temporals(),
        unit in prop::sample::select(vec![
            "millennium", "century", "decade", "year", "weekYear", "quarter", "month", "week", "day",
            "hour", "minute", "second", "millisecond", "microsecond",
        ]),
    ) {
        prop_assume!(!matches!(value, Value::Duration(_)));
        let make = value.type_name().to_lowercase();
        let is_of_day = matches!(unit, "hour" | "minute" | "second" | "millisecond" | "microsecond");
        let has_unit = match value {
            Value::Date(_) => !is_of_day,
            Value::LocalTime(_) | Value::Time(_) => is_of_day,
            _ => true,
        };
        let unit = if has_unit { unit } else { "day" };
        // A thousand years before the first one there is nothing to cut to.
        prop_assume!(!matches!(&value, Value::Date(date) if date.year() < -999_990_000));
        prop_assume!(!matches!(&value, Value::LocalDateTime(local) if local.date.year() < -999_990_000));
        prop_assume!(!matches!(&value, Value::DateTime(time) if time.local().date.year() < -999_990_000));
        let cut = |value: &Value| {
            eval(&format!("{make}.truncate('{unit}', $x)"), [("x".to_owned(), value.clone())].into())
        };
        let once = cut(&value);
        prop_assert_eq!(&cut(&once), &once, "{}", value);
    }

    #[test]
    fn the_order_is_total_and_agrees_with_less_and_equal(a in temporals(), b in temporals(), c in temporals()) {
        prop_assert_eq!(a.total_order(&b), b.total_order(&a).reverse());
        prop_assert_eq!(a.total_order(&b) == Ordering::Equal, a == b);
        if a.total_order(&b) != Ordering::Greater && b.total_order(&c) != Ordering::Greater {
            prop_assert_ne!(a.total_order(&c), Ordering::Greater);
        }
        if let Some(order) = a.compare(&b) {
            prop_assert_eq!(order, a.total_order(&b));
        }
        prop_assert_eq!(a.equals(&b), Some(a == b));
    }

    #[test]
    fn an_instant_is_the_same_in_every_zone(time in datetimes(), zone in zones()) {
        let there = time.in_zone(zone);
        prop_assert_eq!((there.seconds(), there.nanos()), (time.seconds(), time.nanos()));
        prop_assert_eq!(there.in_zone(time.zone()), time);
    }

    #[test]
    fn durations_are_added_and_taken_away_part_by_part(a in durations(), b in durations()) {
        let back = b.negated().expect("not too long");
        prop_assert_eq!(a.plus(b).and_then(|sum| sum.plus(back)), Some(a));
        prop_assert_eq!(back.negated(), Some(b));
    }

    #[test]
    fn no_length_is_too_great_to_be_told_so(
        value in temporals(),
        months in any::<i64>(), days in any::<i64>(), seconds in any::<i64>(), nanos in any::<i64>(),
        whole in any::<i64>(), real in any::<f64>(),
    ) {
        let Some(length) = Duration::new(months, days, seconds, nanos) else { return Ok(()) };
        prop_assert_eq!(Duration::parse(&length.to_string()), Ok(length));
        let parameters = [("x", value), ("d", Value::Duration(length)), ("i", Value::Int(whole)), ("f", Value::Float(real))];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value)).into();
        for text in ["$x + $d", "$x - $d", "$d + $d", "-$d", "$d * $i", "$d / $i", "$d * $f", "$d / $f", "$x.epochMillis"] {
            let _ = outcome(text, &parameters);
        }
    }

    #[test]
    fn no_text_makes_reading_panic(text in "\\PC{0,24}") {
        let _ = (Date::parse_iso(&text), DateTime::parse_iso(&text), Duration::parse(&text), Time::parse(&text));
        let _ = (LocalTime::parse(&text), LocalDateTime::parse_iso(&text), DateTime::parse(&text), TimeZone::parse(&text));
    }

    #[test]
    fn nothing_like_a_time_makes_reading_panic(text in "[-+]?[0-9TWQPZ:.,é\\[\\]+-]{0,24}") {
        let _ = (Date::parse_iso(&text), DateTime::parse_iso(&text), Duration::parse(&text), Time::parse(&text));
        let _ = (LocalTime::parse(&text), LocalDateTime::parse_iso(&text), DateTime::parse(&text), TimeZone::parse(&text));
    }
}
