//! Places that go by several names, none of which is a spelling of another: renamed,
//! merged, or known by the name of an earlier power.
//!
//! A gazetteer of a few ports and towns around Korea and Russia that reports and lists keep
//! naming both ways. Public geography; names of persons, ships and companies are not looked up here.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::sounds::{Key, key};
use super::words::words;

/// The names of one place, each row with why there are several.
pub(super) const PLACES: &[(&str, &[&str])] = &[
    // The city made of Rajin and Sonbong in the 1990s; its port is called by either name.
    (
        "the city of Rason is named after Rajin, its port",
        &[
            "Rajin",
            "Najin",
            "Rason",
            "Nason",
            "Naseon",
            "라선",
            "나선",
            "라진",
            "나진",
            "Rajin Sonbong",
            "Najin Sonbong",
            "Rashin",
            "Раджин",
            "Расон",
        ],
    ),
    ("renamed", &["Sonbong", "Seonbong", "Unggi", "선봉", "웅기", "Yuki"]),
    ("renamed", &["Kimchaek", "Kim Chaek", "Songjin", "Seongjin", "김책", "성진"]),
    ("Japanese name of colonial times", &["Chongjin", "Cheongjin", "Seishin", "청진", "Чхонджин"]),
    ("Japanese name of colonial times", &["Hungnam", "Heungnam", "Konan", "흥남", "Хыннам"]),
    ("Japanese name of colonial times", &["Wonsan", "Genzan", "원산", "Вонсан"]),
    ("renamed", &["Nampo", "Chinnampo", "Jinnampo", "남포", "Нампхо"]),
    ("Japanese name of colonial times", &["Pyongyang", "Pyeongyang", "Heijo", "평양", "Пхеньян"]),
    ("renamed", &["Incheon", "Inchon", "Chemulpo", "Jinsen", "인천"]),
    ("Japanese name of colonial times", &["Busan", "Pusan", "Fusan", "부산", "Пусан"]),
    ("Chinese name", &["Vladivostok", "Haishenwai", "Владивосток"]),
    (
        "renamed",
        &["Saint Petersburg", "Sankt Peterburg", "Leningrad", "Petrograd", "Санкт Петербург", "Ленинград"],
    ),
    ("renamed", &["Kaliningrad", "Königsberg", "Калининград"]),
    ("renamed", &["Nizhny Novgorod", "Gorky", "Gorki", "Нижний Новгород"]),
    ("renamed", &["Yekaterinburg", "Sverdlovsk", "Екатеринбург"]),
    ("renamed", &["Samara", "Kuybyshev", "Kuibyshev", "Самара"]),
    ("renamed", &["Volgograd", "Stalingrad", "Волгоград"]),
    ("Japanese name until 1945", &["Yuzhno Sakhalinsk", "Toyohara", "Южно Сахалинск"]),
    ("Japanese name until 1945", &["Korsakov", "Otomari", "Корсаков"]),
    ("Japanese name until 1945", &["Kholmsk", "Maoka", "Холмск"]),
    ("earlier name of the port", &["Dalian", "Dairen", "Dalniy"]),
    ("Chinese and Korean river name", &["Tumen", "Tuman", "Duman", "두만", "Туманная"]),
    ("Chinese and Korean river name", &["Yalu", "Amnok", "Amrok", "압록"]),
    ("renamed", &["Mariupol", "Zhdanov", "Мариуполь"]),
    ("renamed", &["Istanbul", "Constantinople"]),
    ("renamed", &["Mumbai", "Bombay"]),
];

static BY_KEY: LazyLock<FxHashMap<Key, u8>> = LazyLock::new(|| {
    let rows = (0_u8..).zip(PLACES).flat_map(|(row, (_, names))| names.iter().map(move |name| (row, *name)));
    rows.map(|(row, name)| (whole(name), row)).collect()
});

fn whole(name: &str) -> Key {
    let mut whole = Key::default();
    words(name).iter().for_each(|word| whole.extend(&key(&word.latin)));
    whole
}

/// The row of the place with a name, by the name's keys, one after another.
pub(super) fn row_of(keys: &Key) -> Option<u8> {
    BY_KEY.get(keys).copied()
}

/// Why a place has several names.
pub(super) fn reason(row: u8) -> &'static str {
    PLACES.get(usize::from(row)).map_or("", |(reason, _)| reason)
}
