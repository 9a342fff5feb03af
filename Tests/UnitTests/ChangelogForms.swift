/// A changelog of some form: what is above the new section, the section of 1.2.4, and what is below.
struct ChangelogSample: Sendable, CustomStringConvertible {
  let description: String
  let above: String
  let section: String
  let below: String

  init(_ description: String, _ above: String, _ section: String, _ below: String) {
    self.description = description
    self.above = above
    self.section = section
    self.below = below
  }

  static let markdown: [ChangelogSample] = [
    .init(
      "Keep a Changelog",
      "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Soon.\n\n",
      "## [1.2.4] - 2026-11-22\n\n### Fixed\n\n- Kept.\n\n",
      "## [1.2.3] - 2026-01-02\n\n### Fixed\n\n- A.\n\n## [1.2.2] - 2025-01-02\n\n- B.\n\n[1.2.3]: https://e.org/1\n"
    ),
    .init(
      "Keep a Changelog, close together",
      "# Changelog\n## [Unreleased]\n",
      "\n## [1.2.4] - 2026-11-22\n### Fixed\n- Kept.\n\n",
      "## [1.2.3] - 2026-01-02\n### Fixed\n- A.\n\n## [1.2.2] - 2025-01-02\n### Added\n- B.\n"
    ),
    .init(
      "top level with v, and no title",
      "",
      "# v1.2.4\n\n## Fixed\n- Kept.\n\n",
      "# v1.2.3\n\n## Features\n- A.\n\n# v1.0.0\n\n## Features\n- B.\n"
    ),
    .init(
      "top level without v or subheadings",
      "",
      "# 1.2.4\n\n* Kept.\n\n",
      "# 1.2.3\n\n* A (#1)\n* B\n\n# 1.2.2\n\n* C\n"
    ),
    .init(
      "conventional-changelog, patches one level lower",
      "",
      "## [1.2.4](https://e.org/o/r/compare/v1.2.0...v1.2.4) (2026-11-22)\n\n\n### Bug Fixes\n\n* Kept.\n\n",
      "# [1.2.0](https://e.org/o/r/compare/v1.1.9...v1.2.0) (2026-03-02)\n\n\n### Features\n\n* a ([e2016d5](https://e.org/c))\n\n"
        + "## [1.1.9](https://e.org/o/r/compare/v1.1.8...v1.1.9) (2026-01-02)\n\n\n### Bug Fixes\n\n* b\n"
    ),
    .init(
      "links to releases",
      "# Changes\n\n",
      "## [v1.2.4](https://e.org/releases/tag/v1.2.4) (2026-11-22)\n\n**Fixed**\n\n- Kept.\n\n",
      "## [v1.2.3](https://e.org/releases/tag/v1.2.3) (2026-01-02)\n\n**Added**\n\n- A.\n\n"
        + "## [v1.2.2](https://e.org/releases/tag/v1.2.2) (2025-01-02)\n\n**Added**\n\n- B.\n"
    ),
    .init(
      "date in parentheses",
      "# Changelog\n\n",
      "## 1.2.4 (2026-11-22)\n\n### Fixes\n- Kept.\n\n",
      "## 1.2.3 (2026-01-02)\n\n### Changes\n- A [#1]\n\n### Fixes\n- B\n\n## 1.2.2 (2025-01-02)\n\n### Changes\n- C\n"
    ),
    .init(
      "slash and date",
      "# RELEASE HISTORY\n\n",
      "## 1.2.4 / 2026-11-22\n\nFixed:\n\n* Kept.\n\n\n",
      "## 1.2.3 / 2026-01-02\n\nA small one.\n\nAdded:\n\n* A.\n\n\n## 1.2.2 / 2025-01-02\n\nAdded:\n\n* B.\n"
    ),
    .init(
      "dash and English date",
      "# News\n\n",
      "## 1.2.4 — November 22, 2026\n\n- Kept.\n\n",
      "## 1.2.3 — January 2, 2026\n\n- A.\n\n## 1.2.2 — December 30, 2025\n\n- B.\n"
    ),
    .init(
      "the app's name in front",
      "# Change log\n\n",
      "## WinThing 1.2.4 - 2026-11-22\n\n### Fixed\n\n- Kept.\n\n",
      "## WinThing 1.2.3 - 2026-01-02\n\n### General\n\n- BugFix: A\n\n## WinThing 1.2.2 - 2025-01-02\n\n### General\n\n- B\n"
    ),
    .init(
      "closed headings",
      "*   Not yet released.\n\n    *Ana*\n\n\n",
      "## Rail 1.2.4 (Nov 22, 2026) ##\n\n*   Kept.\n\n\n",
      "## Rail 1.2.3 (Jan 2, 2026) ##\n\n*   A\n\n    *Ben*\n\n\n## Rail 1.2.2 (Dec 30, 2025) ##\n\n*   B\n"
    ),
    .init(
      "changesets",
      "# app\n\n",
      "## 1.2.4\n\n### Patch Changes\n\n- Kept.\n\n",
      "## 1.2.3\n\n### Minor Changes\n\n- A\n\n### Patch Changes\n\n- B\n  - C\n\n## 1.2.2\n\n### Patch Changes\n\n- D\n"
    ),
    .init(
      "setext, the newest without a date",
      "TBD\n===\nNotes have not been written.\n\nBug fixes:\n\n* x\n\n\n",
      "1.2.4 (2026-11-22)\n==================\nBug fixes:\n\n* Kept.\n\n\n",
      "1.2.3\n=====\nA small one.\n\nFeature enhancements:\n\n* A\n\n\n1.2.2 (2025-01-02)\n==================\nOne\n\nBug fixes:\n\n* B\n\n\n"
        + "1.2.1 (2024-01-02)\n==================\nBug fixes:\n\n* C\n"
    ),
    .init(
      "setext with a title and a section of what comes",
      "Release History\n===============\n\ndev\n---\n\n- \\[Short.\\]\n\n\n",
      "1.2.4 (2026-11-22)\n------------------\n\n**Bugfixes**\n- Kept.\n\n\n",
      "1.2.3 (2026-01-02)\n------------------\n\n**Bugfixes**\n- A.\n\n\n1.2.2 (2025-01-02)\n------------------\n\n**Security**\n- B.\n"
    ),
    .init(
      "rows of one length",
      "\n",
      "1.2.4 / 2026-11-22\n===================\n\n  * Kept.\n\n",
      "1.2.3 / 2026-01-02\n===================\n\n  * Added a\n  * Fixed b\n\n1.2.2 / 2025-01-02\n===================\n\n  * c\n"
    ),
    .init(
      "version with unreleased",
      "# Changelog\n\n## 1.3.0 (unreleased)\n\n- Soon.\n\n",
      "## 1.2.4 (2026-11-22)\n\n- Kept.\n\n",
      "## 1.2.3 (2026-01-02)\n\n- A.\n\n## 1.2.2 (2025-01-02)\n\n- B.\n"
    ),
    .init(
      "bold versions",
      "# Changes\n\n",
      "**1.2.4** (2026-11-22)\n\n- Kept.\n\n",
      "**1.2.3** (2026-01-02)\n\n- A.\n\n**1.2.2** (2025-01-02)\n\n- B.\n"
    ),
    .init(
      "German dates",
      "# Änderungen\n\n",
      "## Version 1.2.4 (22.11.2026)\n\n- Kept.\n\n",
      "## Version 1.2.3 (02.01.2026)\n\n- Schön.\n\n## Version 1.2.2 (30.12.2025)\n\n- Neu.\n"
    ),
    .init(
      "American dates",
      "Release Notes\n=============\n\n",
      "1.2.4 (11/22/2026)\n------------------\n- Kept.\n\n",
      "1.2.3 (01/02/2026)\n------------------\n- A.\n\n1.2.2 (12/30/2025)\n------------------\n- B.\n"
    ),
    .init(
      "a code name",
      "# Changelog\n\n",
      "## 1.2.4 - 2026-11-22\n\n- Kept.\n\n",
      "## 1.2.3 - Football - 2026-01-02\n\n- A.\n\n## 1.2.2 - Rugby - 2025-01-02\n\n- B.\n"
    ),
    .init(
      "sections that name other versions",
      "# Changelog\n\n",
      "## 1.2.4\n\n### Fixed\n\n- Kept.\n\n",
      "## 1.2.3\n\n### Updated to Sparkle 2.6.1\n\n- A.\n\n### 2.0 breaks it\n\n- B.\n\n## 1.2.2\n\n### Updated to Sparkle 2.6.0\n\n- C.\n"
    ),
    .init(
      "anchors",
      "# Changelog\n\n",
      "## 1.2.4\n\n- Kept.\n\n",
      "<a name=\"1.2.3\"></a>\n## 1.2.3\n\n- A.\n\n<a name=\"1.2.2\"></a>\n## 1.2.2\n\n- B.\n"
    ),
    .init(
      "a template in a comment, and code",
      "# Changelog\n\n<!--\n## 9.9.9\n\n- Like this.\n-->\n\n",
      "## 1.2.4\n\n- Kept.\n\n",
      "## 1.2.3\n\n- A.\n\n```\n## 8.8.8\n```\n\n## 1.2.2\n\n- B.\n"
    ),
    .init(
      "front matter",
      "---\nversion: 9.9.9\n---\n\n# Changelog\n\n",
      "## 1.2.4\n\n- Kept.\n\n",
      "## 1.2.3\n\n- A.\n\n## 1.2.2\n\n- B.\n"
    ),
    .init(
      "an older line above an older release",
      "# Changelog\n\n",
      "## 1.2.4 (2026-11-22)\n\n- Kept.\n\n",
      "## 1.1.9 (2026-02-02)\n\n- A.\n\n## 1.2.3 (2026-01-02)\n\n- B.\n"
    ),
    .init(
      "one release alone",
      "# Changelog\n\n",
      "## v1.2.4 - 22 Nov 2026\n\n+ Kept.\n\n",
      "## v1.2.3 - 2 Jan 2026\n\n+ A.\n"
    ),
    .init(
      "emoji",
      "# Changelog\n\n",
      "## 🚀 1.2.4 (2026-11-22)\n\n### 🐛 Bug Fixes\n\n- Kept.\n\n",
      "## 🚀 1.2.3 (2026-01-02)\n\n### ✨ Features\n\n- A.\n\n### 🐛 Bug Fixes\n\n- B.\n\n## 🚀 1.2.2 (2025-01-02)\n\n### ✨ Features\n\n- C.\n"
    ),
  ]

  static let others: [ChangelogSample] = [
    .init(
      "reStructuredText with the date beneath",
      "Version 1.3.0\n-------------\n\nUnreleased\n\n\n",
      "Version 1.2.4\n-------------\n\nReleased 2026-11-22\n\n-   Kept.\n\n\n",
      "Version 1.2.3\n-------------\n\nReleased 2026-01-02\n\n-   A. :pr:`1`\n\n    -   More.\n\n\nVersion 1.2.2\n-------------\n\nReleased 2025-01-02\n\n-   B.\n"
    ),
    .init(
      "reStructuredText with an overline and labels",
      ".. comment\n\n#########\nChangelog\n#########\n\n",
      "=====\n1.2.4\n=====\n\nFixed\n-----\n\n* Kept.\n\n",
      ".. _v1-2-3:\n\n=====\n1.2.3\n=====\n\nFixed\n-----\n\n* A\n\n.. _v1-2-2:\n\n=====\n1.2.2\n=====\n\nAdded\n-----\n\n* B\n"
    ),
    .init(
      "reStructuredText with a longer date",
      "News\n====\n\n",
      "1.2.4 (November 22, 2026)\n-------------------------\n\n* Kept.\n\n",
      "1.2.3 (May 2, 2026)\n-------------------\n\n* A\n\n1.2.2 (April 2, 2026)\n---------------------\n\n* B\n"
    ),
    .init(
      "the date in a line of its own",
      "News\n====\n\n",
      "1.2.4\n-----\n\n*Release date: 22-Nov-2026*\n\n* Kept.\n\n",
      "1.2.3\n-----\n\n*Release date: 2-Mar-2026*\n\n* A\n\n1.2.2\n-----\n\n*Release date: 1-Mar-2026*\n\n* B\n"
    ),
    .init(
      "towncrier",
      "=======\nChanges\n=======\n\n.. towncrier release notes start\n\n",
      "app 1.2.4 (2026-11-22)\n======================\n\nBugfixes\n--------\n\n- Kept.\n\n\n",
      "app 1.2.3 (2026-01-02)\n======================\n\nFeatures\n--------\n\n- A\n\nBugfixes\n--------\n\n- B\n\n\napp 1.2.2 (2025-01-02)\n======================\n\nFeatures\n--------\n\n- C\n"
    ),
    .init(
      "NEWS of GNU",
      "GNU app NEWS                                    -*- outline -*-\n\n* Noteworthy changes in release ?.? (????-??-??) [?]\n\n\n",
      "* Noteworthy changes in release 1.2.4 (2026-11-22)\n\n** Bug fixes\n\n  Kept.\n\n\n",
      "* Noteworthy changes in release 1.2.3 (2026-01-02) [stable]\n\n** Bug fixes\n\n  app no longer fails.\n  [bug in 1.2]\n\n** New features\n\n  more\n\n\n"
        + "* Noteworthy changes in release 1.2.2 (2025-01-02) [stable]\n\n** New features\n\n  less\n"
    ),
    .init(
      "NEWS with points",
      "",
      "* Changes in version 1.2.4\n\n- Kept.\n\n",
      "* Changes in version 1.2.3\n\n- A\n\n* Changes in version 1.2.2\n\n- B\n"
    ),
    .init(
      "Debian",
      "",
      "app (1.2.4-1) unstable; urgency=medium\n\n  * Kept.\n\n -- Ana <ana@example.org>  Sun, 22 Nov 2026 21:09:06 +0000\n\n",
      "app (1.2.3-2) unstable; urgency=medium\n\n  * A\n\n -- Ben <ben@example.org>  Fri, 02 Jan 2026 10:00:00 +0100\n\n"
        + "app (1.2.3-1) unstable; urgency=low\n\n  * B\n\n -- Ben <ben@example.org>  Thu, 01 Jan 2026 10:00:00 +0100\n"
    ),
    .init(
      "Debian with an epoch, native",
      "",
      "app (1:1.2.4) noble; urgency=high\n\n  * Kept.\n\n -- Ana <ana@example.org>  Sun, 22 Nov 2026 21:09:06 +0000\n\n",
      "app (1:1.2.3) noble; urgency=high\n\n  * A\n\n -- Ben <ben@example.org>  Fri, 02 Jan 2026 10:00:00 +0100\n"
    ),
    .init(
      "plain lines",
      "CHANGELOG\n\n",
      "Version 1.2.4 (2026-11-22)\n\n - Kept.\n\n",
      "Version 1.2.3 (2026-01-02)\n\n - A\n - needs 2.0 of it\n\nVersion 1.2.2 (2025-01-02)\n\n - B\n"
    ),
    .init(
      "plain lines with colons",
      "",
      "1.2.4:\n- Kept.\n\n",
      "1.2.3:\n- A\n- B\n\n1.2.2:\n- C\n"
    ),
    .init(
      "plain lines with v",
      "CHANGELOG\n\n",
      "v1.2.4\n- Kept.\n\n",
      "v1.2.3 [MAJOR]\n- A\n- [Fixing] B\n\nv1.2.2 [MINOR]\n- C\n"
    ),
    .init(
      "AsciiDoc",
      "= Changelog\n\n",
      "== 1.2.4 (2026-11-22)\n\n=== Bugfixes\n\n* Kept.\n\n",
      "== 1.2.3 (2026-01-02)\n\n=== Bugfixes\n\n* A\n\n== 1.2.2 (2025-01-02)\n\n* B\n"
    ),
    .init(
      "RDoc",
      "",
      "=== 1.2.4 / 2026-11-22\n\n* Kept.\n\n",
      "=== 1.2.3 / 2026-01-02\n\n* A\n\n=== 1.2.2 / 2025-01-02\n\n* B\n"
    ),
    .init(
      "curl",
      "                                  Changelog\n\n",
      "Version 1.2.4 (22 Nov 2026)\n\n- Kept.\n\n",
      "Version 1.2.3 (2 Jan 2026)\n\nDaniel (2 Jan 2026)\n- RELEASE: 1.2.3\n\n- A\n\nVersion 1.2.2 (3 Dec 2025)\n\n- B\n"
    ),
  ]

  /// Forms that are left as they are.
  static let unknown: [(name: String, text: String)] = [
    ("oldest first", "# Changelog\n\n## 1.0.0\n\n- A.\n\n## 1.2.3\n\n- B.\n"),
    ("oldest first by date", "1.0.0 (2024-01-02)\n\n- A\n\n1.2.3 (2026-01-02)\n\n- B\n"),
    ("XML", "<?xml version=\"1.0\"?>\n<releases><release version=\"1.2.3\"/></releases>\n"),
    ("HTML", "<h2>1.2.3</h2>\n<ul><li>A</li></ul>\n"),
    ("JSON", "[\n  { \"version\": \"1.2.3\" }\n]\n"),
    ("YAML", "releases:\n  - version: 1.2.3\n    changes: [A]\n"),
    ("RPM", "* Mon May 07 2007 - Ana <ana@example.org> - v1.2.3\n    - BUGFIX: A\n"),
    ("an include", ".. include:: ../CHANGES.rst\n"),
    ("prose", "With 1.2.3 the app learned to sing.\n\nBefore, with 1.2.2, it was mute.\n"),
  ]
}
