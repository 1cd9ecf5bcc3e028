//! Legal forms of companies across languages: what they are written as, and which
//! kind of company each is.
//!
//! Forms of one kind are alike: an ООО is a limited company, and papers in English call it LLC or Ltd.
//! What is between kinds is a weak sign only, since translations are loose.
//!
//! The words are public knowledge (ISO 20275 lists such forms by country); the choice is ours.

/// Which kind of company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LegalForm {
    /// Liability limited to shares that are not traded: LLC, Ltd, ООО, GmbH.
    Limited,
    /// Shares: JSC, АО, ПАО, AG, SA, PLC.
    JointStock,
    /// Company, corporation, incorporated: says little.
    Company,
    /// Partnership: LP, LLP, KG.
    Partnership,
    /// Not for profit: АНО, foundation.
    NotForProfit,
    /// Owned by a state: ФГУП, ГУП.
    State,
    /// A person in business: ИП.
    SoleTrader,
}

use LegalForm::{Company, JointStock, Limited, NotForProfit, Partnership, SoleTrader, State};

impl LegalForm {
    /// The kind in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Limited => "limited company",
            JointStock => "joint-stock company",
            Company => "company",
            Partnership => "partnership",
            NotForProfit => "not-for-profit body",
            State => "state enterprise",
            SoleTrader => "sole trader",
        }
    }

    /// Whether names of both kinds can be names of one company, loosely translated.
    #[must_use]
    pub fn fits(self, other: Self) -> bool {
        self == other || self == Company || other == Company
    }
}

/// The forms as they are written, in the letters of their languages; several words have
/// spaces between them. Compared by their keys, so that spellings and scripts do not matter.
#[rustfmt::skip]
pub(super) const FORMS: &[(LegalForm, &[&str])] = &[
    (Limited, &[
        "llc", "ltd", "limited", "limited liability company", "ltd liability co", "private limited", "pvt ltd", "pte ltd", "pty ltd",
        "co ltd", "company limited", "limited company", "ooo", "ооо", "общество с ограниченной ответственностью",
        "obshchestvo s ogranichennoi otvetstvennostyu", "тоо", "товарищество с ограниченной ответственностью", "тов",
        "товариство з обмеженою відповідальністю", "tov", "too", "gmbh", "mbh", "gesellschaft mit beschränkter haftung", "sarl", "eurl",
        "société à responsabilité limitée", "srl", "società a responsabilità limitata", "societatea cu răspundere limitată",
        "sociedad de responsabilidad limitada", "s de rl de cv", "sl", "bv", "besloten vennootschap", "bvba", "sp z oo", "sp zoo",
        "spółka z ograniczoną odpowiedzialnością", "sro", "doo", "d o o", "kft", "ood", "eood", "uab", "sia", "osaühing", "ou",
        "lda", "ltda", "limitada", "sdn bhd", "fze", "fzco", "fzc", "dmcc", "fz llc", "wll", "유한회사", "yuhan hoesa", "有限公司",
        "有限责任公司", "sh pk", "shpk", "ehf", "ltd sti", "limited sirketi", "limited şirketi", "mchj", "osoo", "осоо",
        "private company limited by shares",
    ]),
    (JointStock, &[
        "jsc", "joint stock company", "open joint stock company", "closed joint stock company", "public joint stock company",
        "ojsc", "cjsc", "pjsc", "zao", "oao", "pao", "nao", "ao", "ао", "оао", "зао", "пао", "нао", "акционерное общество",
        "открытое акционерное общество", "закрытое акционерное общество", "публичное акционерное общество",
        "непубличное акционерное общество", "aktsionernoe obshchestvo", "otkrytoe aktsionernoe obshchestvo",
        "publichnoe aktsionernoe obshchestvo", "zakrytoe aktsionernoe obshchestvo", "aktsionernoye obshchestvo",
        "otkrytoye aktsionernoye obshchestvo", "publichnoye aktsionernoye obshchestvo", "zakrytoye aktsionernoye obshchestvo",
        "ват", "прат", "пат", "акціонерне товариство", "приватне акціонерне товариство", "публічне акціонерне товариство",
        "plc", "public limited company", "ag", "akg", "aktiengesellschaft", "sa", "société anonyme", "sociedad anónima", "s a s", "sas",
        "société par actions simplifiée", "spa", "società per azioni", "sa de cv", "sab de cv", "nv", "naamloze vennootschap", "ab",
        "aktiebolag", "as", "a s", "asa", "aktieselskab", "aps", "oy", "oyj", "se", "ad", "akcionarsko društvo", "nyrt", "zrt", "rt",
        "kk", "kabushiki kaisha", "株式会社", "주식회사", "chusik hoesa", "jusik hoesa", "股份有限公司", "pjs", "kosc", "saoc", "saog", "qsc",
        "tbk", "pt", "bhd", "berhad", "anonim sirketi", "anonim şirketi", "sal", "sak", "bsc", "tas", "as sirketi",
    ]),
    (Company, &[
        "company", "co", "corp", "corporation", "inc", "incorporated", "cie", "compagnie", "compañia", "cia", "kompaniya", "компания",
        "корпорация", "korporatsiya", "holding company", "firma", "фирма",
    ]),
    (Partnership, &[
        "lp", "llp", "lllp", "limited partnership", "limited liability partnership", "kg", "gmbh and co kg", "ohg", "gbr",
        "kommanditgesellschaft", "partnership", "gp", "scs", "sca", "snc", "ks", "k s", "cv", "sk",
    ]),
    (NotForProfit, &[
        "ano", "ано", "автономная некоммерческая организация", "нко", "nko", "некоммерческая организация", "ev", "e v",
        "eingetragener verein", "ngo", "nonprofit", "non profit organization", "not for profit",
    ]),
    (State, &[
        "fgup", "фгуп", "федеральное государственное унитарное предприятие", "gup", "гуп", "мун", "fgbu", "фгбу", "fku", "фку",
        "государственное унитарное предприятие", "federal state unitary enterprise", "fsue", "state unitary enterprise", "state enterprise",
        "dp", "дп", "державне підприємство", "mup", "муп",
    ]),
    (SoleTrader, &["ip", "ип", "индивидуальный предприниматель", "individual entrepreneur", "sole proprietorship", "fop", "фоп"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_stands_in_one_row() {
        let mut all: Vec<&str> = FORMS.iter().flat_map(|(_, forms)| forms.iter().copied()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
