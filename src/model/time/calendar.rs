//! Other ways to name a day: ISO weeks, quarters, and days of the year.

use super::Date;

impl Date {
    /// The day of the week, Monday being 1.
    #[must_use]
    pub fn weekday(self) -> i64 {
        // 1970-01-01 was a Thursday.
        (self.days() + 3).rem_euclid(7) + 1
    }

    /// The year and number of the ISO week, which belongs to the year of its Thursday.
    #[must_use]
    pub fn week(self) -> (i64, i64) {
        let thursday = self.plus_days(4 - self.weekday()).unwrap_or(self);
        (thursday.year(), (thursday.ordinal_day() - 1) / 7 + 1)
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i64 {
        self.year_month_day().0.into()
    }

    /// The quarter of the year, from 1 to 4.
    #[must_use]
    pub fn quarter(self) -> i64 {
        (i64::from(self.year_month_day().1) + 2) / 3
    }

    /// The number of the day in its quarter, from 1.
    #[must_use]
    pub fn day_of_quarter(self) -> i64 {
        Self::first_of_quarter(self.year(), self.quarter()).map_or(1, |first| self.days() - first.days() + 1)
    }

    /// The number of the day in its year, from 1.
    #[must_use]
    pub fn ordinal_day(self) -> i64 {
        Self::of_ymd(self.year(), 1, 1).map_or(1, |first| self.days() - first.days() + 1)
    }

    /// The day `year`-`month`-`day`, of numbers of any size.
    #[must_use]
    pub fn of_ymd(year: i64, month: i64, day: i64) -> Option<Self> {
        Self::new(i32::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
    }

    /// A day of an ISO week; weeks are numbered from 1, days from Monday, which is 1.
    #[must_use]
    pub fn of_week(year: i64, week: i64, weekday: i64) -> Option<Self> {
        if !(1..=53).contains(&week) || !(1..=7).contains(&weekday) {
            return None;
        }
        // The fourth of January always lies in the first week.
        let fourth = Self::of_ymd(year, 1, 4)?;
        let date = fourth.plus_days(1 - fourth.weekday() + (week - 1) * 7 + weekday - 1)?;
        (date.week() == (year, week)).then_some(date)
    }

    /// A day of a quarter, numbered from 1.
    #[must_use]
    pub fn of_quarter(year: i64, quarter: i64, day: i64) -> Option<Self> {
        let date = Self::first_of_quarter(year, quarter)?.plus_days(day.checked_sub(1)?)?;
        (date.year() == year && date.quarter() == quarter).then_some(date)
    }

    /// A day of a year, numbered from 1.
    #[must_use]
    pub fn of_ordinal(year: i64, day: i64) -> Option<Self> {
        let date = Self::of_ymd(year, 1, 1)?.plus_days(day.checked_sub(1)?)?;
        (date.year() == year).then_some(date)
    }

    fn first_of_quarter(year: i64, quarter: i64) -> Option<Self> {
        (1..=4).contains(&quarter).then(|| Self::of_ymd(year, quarter * 3 - 2, 1))?
    }
}
