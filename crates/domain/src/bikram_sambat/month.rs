//! The twelve months of the Bikram Sambat year and the many ways their names are spelled in print.

use std::fmt;

/// A month of the Bikram Sambat year, which begins in the middle of April; ordered through the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BikramSambatMonth {
    /// From the middle of April.
    Baishakh = 1,
    /// From the middle of May.
    Jestha,
    /// From the middle of June.
    Ashadh,
    /// From the middle of July.
    Shrawan,
    /// From the middle of August.
    Bhadra,
    /// From the middle of September.
    Ashwin,
    /// From the middle of October.
    Kartik,
    /// From the middle of November.
    Mangsir,
    /// From the middle of December.
    Poush,
    /// From the middle of January.
    Magh,
    /// From the middle of February.
    Falgun,
    /// From the middle of March.
    Chaitra,
}

impl BikramSambatMonth {
    /// All twelve, in the order of the year.
    pub const ALL: [Self; 12] = [
        Self::Baishakh,
        Self::Jestha,
        Self::Ashadh,
        Self::Shrawan,
        Self::Bhadra,
        Self::Ashwin,
        Self::Kartik,
        Self::Mangsir,
        Self::Poush,
        Self::Magh,
        Self::Falgun,
        Self::Chaitra,
    ];

    /// Its place in the year, 1 (Baishakh) to 12 (Chaitra).
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The month at that place in the year, 1 to 12.
    pub fn from_number(number: u8) -> Option<Self> {
        let index = number.checked_sub(1)?;
        Self::ALL.get(usize::from(index)).copied()
    }

    pub(super) fn index(self) -> usize {
        usize::from(self.number()) - 1
    }

    /// The name in Latin letters, in the one spelling that Masthead writes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Baishakh => "Baishakh",
            Self::Jestha => "Jestha",
            Self::Ashadh => "Ashadh",
            Self::Shrawan => "Shrawan",
            Self::Bhadra => "Bhadra",
            Self::Ashwin => "Ashwin",
            Self::Kartik => "Kartik",
            Self::Mangsir => "Mangsir",
            Self::Poush => "Poush",
            Self::Magh => "Magh",
            Self::Falgun => "Falgun",
            Self::Chaitra => "Chaitra",
        }
    }

    /// The name in Devanagari, in the Nepali (not the Sanskrit) form that newspapers date by.
    pub fn name_nepali(self) -> &'static str {
        match self {
            Self::Baishakh => "वैशाख",
            Self::Jestha => "जेठ",
            Self::Ashadh => "असार",
            Self::Shrawan => "साउन",
            Self::Bhadra => "भदौ",
            Self::Ashwin => "असोज",
            Self::Kartik => "कात्तिक",
            Self::Mangsir => "मंसिर",
            Self::Poush => "पुस",
            Self::Magh => "माघ",
            Self::Falgun => "फागुन",
            Self::Chaitra => "चैत",
        }
    }

    /// Reads a month's name in any of the spellings in print, Latin or Devanagari, in any case, with
    /// or without full stops behind it.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.trim().trim_end_matches('.').trim_end().to_lowercase();
        Self::ALL
            .into_iter()
            .find(|month| month.spellings().any(|spelling| spelling == name))
    }

    /// Every spelling taken for this month, in lower case.
    pub(super) fn spellings(self) -> impl Iterator<Item = &'static str> {
        let spellings = match self {
            Self::Baishakh => {
                "baishakh baisakh baishak baisak baisakha baishakha vaishakh vaisakh vaishak \
                 vaishakha vaisakha वैशाख बैशाख बैसाख वैसाख"
            }
            Self::Jestha => {
                "jestha jesth jeth jetha jeshtha jyestha jyeshtha jyaistha jyaishtha जेठ जेष्ठ \
                 ज्येष्ठ ज्येठ"
            }
            Self::Ashadh => {
                "ashadh asadh ashad asad asar ashar asaar ashadha asadha aashadh असार आषाढ अषाढ \
                 असाढ आसाढ"
            }
            Self::Shrawan => {
                "shrawan srawan shravan sravan sawan saawan saun shrawana shravana साउन श्रावण \
                 सावन श्रावन"
            }
            Self::Bhadra => {
                "bhadra bhadau bhado bhadon bhadrapada bhadrapad भदौ भाद्र भाद्रपद भादौ भदो"
            }
            Self::Ashwin => {
                "ashwin aswin asoj ashoj asoja ashvin asvin ashwina aashwin असोज आश्विन अश्विन \
                 आसोज"
            }
            Self::Kartik => {
                "kartik kattik kartika karttik katik kaartik कात्तिक कार्तिक कार्त्तिक कातिक"
            }
            Self::Mangsir => {
                "mangsir mangshir mansir marga marg margashirsha margashirsh margasirsa मंसिर \
                 मङ्सिर मंगसिर मङ्गसिर मार्ग मार्गशीर्ष"
            }
            Self::Poush => "poush paush push pus poos pous paus pausha पुस पौष पुष पूस पौस",
            Self::Magh => "magh maagh magha माघ",
            Self::Falgun => {
                "falgun phalgun fagun phagun faagun phalguna falguna फागुन फाल्गुन फाल्गुण फागुण"
            }
            Self::Chaitra => "chaitra chait chaita chet चैत चैत्र",
        };
        spellings.split(' ')
    }
}

impl fmt::Display for BikramSambatMonth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
