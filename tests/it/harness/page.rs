//! Saved article pages to import, of the shape that a magazine's website prints.

use std::fmt::Write as _;

/// A page that is being written.
#[derive(Clone)]
pub(crate) struct Page {
    captured_on: Option<String>,
    headline: String,
    time: String,
    paragraphs: Vec<String>,
    byline: Option<String>,
    byline_list: Vec<Listed>,
    section: Option<(String, Vec<Listed>)>,
    latest: Option<Vec<Listed>>,
    magazine: Option<Vec<String>>,
    order: [Part; 3],
}

/// An article in one of a page's lists.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    headline: String,
    byline: Option<String>,
    time: String,
}

/// A part of a page that may stand anywhere below the article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// 'More on <section>'.
    Section,
    /// 'The Latest'.
    Latest,
    /// 'Latest Magazine'.
    Magazine,
}

impl Listed {
    /// An article without a byline of its own, as in the list under a byline.
    pub(crate) fn new(headline: &str, time: &str) -> Self {
        Self {
            headline: headline.to_owned(),
            byline: None,
            time: time.to_owned(),
        }
    }

    /// An article with its byline.
    pub(crate) fn by(headline: &str, byline: &str, time: &str) -> Self {
        Self {
            byline: Some(byline.to_owned()),
            ..Self::new(headline, time)
        }
    }
}

impl Page {
    /// A page with a headline, a printed time and two paragraphs, credited to the Lakeside Wire Agency.
    pub(crate) fn new(headline: &str, time: &str) -> Self {
        Self {
            captured_on: None,
            headline: headline.to_owned(),
            time: time.to_owned(),
            paragraphs: vec![
                "The ferrymen of the eastern shore met under the old fig tree and agreed on a timetable for the \
                 dry months, when the landing moves a long way out."
                    .to_owned(),
                "Their list hangs at the tea stall. Whoever misses the last boat may sleep in the boathouse, and \
                 many a song has been made there."
                    .to_owned(),
            ],
            byline: Some("Lakeside Wire Agency".to_owned()),
            byline_list: Vec::new(),
            section: None,
            latest: None,
            magazine: None,
            order: [Part::Section, Part::Latest, Part::Magazine],
        }
    }

    /// With a first line that gives the capture's day, as 2024-06-18.
    pub(crate) fn captured_on(mut self, day: &str) -> Self {
        self.captured_on = Some(day.to_owned());
        self
    }

    /// With this body.
    pub(crate) fn paragraphs(mut self, paragraphs: &[&str]) -> Self {
        self.paragraphs = paragraphs.iter().map(|text| (*text).to_owned()).collect();
        self
    }

    /// With this byline.
    pub(crate) fn byline(mut self, byline: &str) -> Self {
        self.byline = Some(byline.to_owned());
        self
    }

    /// Without a byline and its list.
    pub(crate) fn without_byline(mut self) -> Self {
        self.byline = None;
        self.byline_list = Vec::new();
        self
    }

    /// With these articles under the byline.
    pub(crate) fn byline_list(mut self, list: impl IntoIterator<Item = Listed>) -> Self {
        self.byline_list = list.into_iter().collect();
        self
    }

    /// With 'More on <section>' and these articles under it.
    pub(crate) fn section(mut self, name: &str, list: impl IntoIterator<Item = Listed>) -> Self {
        self.section = Some((name.to_owned(), list.into_iter().collect()));
        self
    }

    /// With 'The Latest' and these articles under it.
    pub(crate) fn latest(mut self, list: impl IntoIterator<Item = Listed>) -> Self {
        self.latest = Some(list.into_iter().collect());
        self
    }

    /// With 'Latest Magazine' and these lines under it.
    pub(crate) fn magazine<Line: Into<String>>(
        mut self,
        lines: impl IntoIterator<Item = Line>,
    ) -> Self {
        self.magazine = Some(lines.into_iter().map(Into::into).collect());
        self
    }

    /// With its lists in this order.
    pub(crate) fn order(mut self, order: [Part; 3]) -> Self {
        self.order = order;
        self
    }

    /// The page as it is saved.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        if let Some(day) = &self.captured_on {
            writeln!(text, " date {day} {}\n", self.headline).unwrap();
        }
        write!(text, "{}\n\n{}\n", self.headline, self.time).unwrap();
        for paragraph in &self.paragraphs {
            writeln!(text, "\n{paragraph}").unwrap();
        }
        if let Some(byline) = &self.byline {
            writeln!(text, "\n{byline}").unwrap();
            for (index, Listed { headline, time, .. }) in self.byline_list.iter().enumerate() {
                let separation = if index == 0 { "\n" } else { "" };
                writeln!(text, "{separation}{headline}\n{time}").unwrap();
            }
        }
        for part in self.order {
            match part {
                Part::Section => {
                    if let Some((name, articles)) = &self.section {
                        write_list(&mut text, &format!("More on {name}"), articles);
                    }
                }
                Part::Latest => {
                    if let Some(articles) = &self.latest {
                        write_list(&mut text, "The Latest", articles);
                    }
                }
                Part::Magazine => {
                    if let Some(lines) = &self.magazine {
                        writeln!(text, "\nLatest Magazine").unwrap();
                        for line in lines {
                            writeln!(text, "\n{line}").unwrap();
                        }
                    }
                }
            }
        }
        text
    }
}

fn write_list(text: &mut String, heading: &str, articles: &[Listed]) {
    writeln!(text, "\n{heading}").unwrap();
    for (
        index,
        Listed {
            headline,
            byline,
            time,
        },
    ) in articles.iter().enumerate()
    {
        let separation = if index == 0 { "\n" } else { "" };
        let byline = byline
            .as_ref()
            .map(|byline| format!(" By {byline}"))
            .unwrap_or_default();
        writeln!(text, "{separation}{headline}{byline} {time}").unwrap();
    }
}
