//! Pages for tests.

use crate::saved_page::{PageError, SavedPage, parse};

/// A page with every part, each of which a test may replace.
#[derive(Clone)]
pub(super) struct Page {
    pub(super) first_line: String,
    pub(super) headline: String,
    pub(super) time: String,
    pub(super) body: String,
    pub(super) byline: String,
    pub(super) section: String,
    pub(super) latest: String,
    pub(super) magazine: String,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            first_line: " date 2023-03-09 Terraces Of Lamjung Turn Green".into(),
            headline: "Terraces Of Lamjung Turn Green".into(),
            time: "March 9, 2023, 6:15 a.m.".into(),
            body: "Farmers of the hills have sown early this year.\n\n\
                   The snow left the ridges weeks before its time, they say."
                .into(),
            byline: "Agencies\n\n\
                     Seed Banks Open In Three Districts\nMar 8, 2023\n\
                     A Canal Is Mended\nMar 6, 2023"
                .into(),
            section: "More on Farming\n\n\
                      Price Of Ginger Falls By Asha Gurung 10\u{a0}hours, 5\u{a0}minutes ago\n\
                      A Canal Is Mended By Agencies 3\u{a0}days, 4\u{a0}hours ago"
                .into(),
            latest: "The Latest\n\n\
                     Ferry Returns To The Lake By HILL REVIEW ONLINE Mar 9, 2023\n\
                     Museum Buys A Loom By Bimal Rai Mar 9, 2023"
                .into(),
            magazine: "Latest Magazine\n\n\
                       VOL. 9, No. 4, March.3,2023 (Falgun-19. 2079) Publisher and Editor: Asha Gurung Online Register Number: DOI 12/070-71"
                .into(),
        }
    }
}

impl Page {
    pub(super) fn text(&self) -> String {
        [
            &self.first_line,
            &self.headline,
            &self.time,
            &self.body,
            &self.byline,
            &self.section,
            &self.latest,
            &self.magazine,
        ]
        .into_iter()
        .filter(|part| !part.is_empty())
        .cloned()
        .collect::<Vec<_>>()
        .join("\n\n")
    }

    pub(super) fn parse(&self) -> SavedPage {
        self.try_parse()
            .unwrap_or_else(|error| panic!("{error}\n{}", self.text()))
    }

    pub(super) fn try_parse(&self) -> Result<SavedPage, PageError> {
        parse(&self.text())
    }
}

/// A default page with changes.
pub(super) fn page(change: impl FnOnce(&mut Page)) -> Page {
    let mut page = Page::default();
    change(&mut page);
    page
}
