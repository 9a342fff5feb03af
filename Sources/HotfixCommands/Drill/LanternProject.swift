/// Lantern, the drill's sample project: a small note keeper in C, with a data-loss bug in 1.0.0.
enum LanternProject {
  /// 0.9.0 appends every note to the file: slow to read, and loses nothing.
  static let saveByAppending = """
    static int save(const char *file, const char *text) {
      FILE *f = fopen(file, "a");
      if (!f) return 1;
      fprintf(f, "%s\\n", text);
      return fclose(f) != 0;
    }
    """

  /// How a note is added, and how 0.9.1 does it.
  static let addAny = "save(argv[2], argv[3])"
  static let addText = "*argv[3] ? save(argv[2], argv[3]) : 0"

  /// 1.0.0 keeps notes sorted, and silently keeps no more than eight: the data-loss bug.
  static let saveSortedLosing = """
    static int by_text(const void *a, const void *b) {
      return strcmp(*(char *const *)a, *(char *const *)b);
    }

    static int save(const char *file, const char *text) {
      char *notes[8];
      size_t count = 0;
      char line[1024];
      FILE *f = fopen(file, "r");
      while (f && count < 7 && fgets(line, sizeof line, f)) notes[count++] = strdup(line);
      if (f) fclose(f);
      snprintf(line, sizeof line, "%s\\n", text);
      notes[count++] = strdup(line);
      qsort(notes, count, sizeof *notes, by_text);
      f = fopen(file, "w");
      if (!f) return 1;
      for (size_t i = 0; i < count; i++) fputs(notes[i], f);
      return fclose(f) != 0;
    }
    """

  /// The fix: room for every note.
  static let saveSorted =
    saveSortedLosing
    .replacing("char *notes[8];", with: "char **notes = NULL;")
    .replacing(
      "while (f && count < 7 && fgets(line, sizeof line, f)) notes[count++] = strdup(line);",
      with: """
        while (f && fgets(line, sizeof line, f)) {
            notes = realloc(notes, (count + 1) * sizeof *notes);
            notes[count++] = strdup(line);
          }
        """
    )
    .replacing(
      "notes[count++] = strdup(line);\n  qsort",
      with: "notes = realloc(notes, (count + 1) * sizeof *notes);\n"
        + "  notes[count++] = strdup(line);\n  qsort"
    )

  /// The first try of the fix: enough for its own test, and not for the app's self check.
  static let saveSortedMore = saveSortedLosing.replacing("notes[8]", with: "notes[16]")
    .replacing("count < 7", with: "count < 15")

  /// The second "fix" is a bad one: it is quick, passes every test, and forgets to sort.
  static let saveQuickly = saveSorted.replacing(
    "  qsort(notes, count, sizeof *notes, by_text);\n",
    with: "  (void)by_text;\n"
  )

  static func source(save: String, more: String = "", add: String = addAny) -> String {
    """
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>

    #ifndef VERSION
    #define VERSION "unreleased"
    #endif

    \(save)

    static int list(const char *file) {
      char line[1024];
      FILE *f = fopen(file, "r");
      if (!f) return 1;
      while (fgets(line, sizeof line, f)) fputs(line, stdout);
      return fclose(f) != 0;
    }
    \(more)
    /* Saves twenty notes and counts what is left of them. */
    static int self_check(const char *file) {
      char text[32], line[1024];
      int count = 0;
      remove(file);
      for (int i = 0; i < 20; i++) {
        snprintf(text, sizeof text, "note %02d", i);
        if (save(file, text)) return 1;
      }
      FILE *f = fopen(file, "r");
      while (f && fgets(line, sizeof line, f)) count++;
      if (f) fclose(f);
      remove(file);
      printf("%d of 20 notes kept\\n", count);
      return count == 20 ? 0 : 1;
    }

    int main(int argc, char **argv) {
      if (argc == 2 && !strcmp(argv[1], "--version")) return puts(VERSION) < 0;
      if (argc == 3 && !strcmp(argv[1], "--self-check")) return self_check(argv[2]);
      if (argc == 4 && !strcmp(argv[1], "add")) return \(add);
      if (argc == 3 && !strcmp(argv[1], "list")) return list(argv[2]);
      fprintf(stderr, "usage: lantern add FILE TEXT | list FILE | --version\\n");
      return 2;
    }

    """
  }

  /// Unreleased work on main, which the hotfix must not carry.
  static let search = """

    static int search(const char *file, const char *word) {
      char line[1024];
      FILE *f = fopen(file, "r");
      if (!f) return 1;
      while (fgets(line, sizeof line, f)) if (strstr(line, word)) fputs(line, stdout);
      return fclose(f) != 0;
    }

    int lantern_search(const char *file, const char *word) { return search(file, word); }

    """

  static func makefile(publicKey: String) -> String {
    """
    CC := $(shell command -v cc || command -v clang)
    VERSION ?= unreleased
    BUILD ?= 0

    lantern: lantern.c
    \t$(CC) -O1 -Wall -DVERSION='"$(VERSION)"' -o $@ lantern.c

    test: lantern
    \t@for t in tests/test_*.sh; do sh $$t ./lantern || exit 1; done; echo all tests passed

    test-one: lantern
    \tsh tests/$(TEST).sh ./lantern

    # git makes the archives, so nothing else has to be installed; a fixed date makes them the same
    # bytes each time.
    dist: lantern
    \trm -rf dist stage && mkdir -p dist stage/Lantern.app/Contents/MacOS
    \tcp lantern stage/Lantern.app/Contents/MacOS/lantern
    \tsed -e 's/@VERSION@/$(VERSION)/' -e 's/@BUILD@/$(BUILD)/' Info.plist \\
    \t  > stage/Lantern.app/Contents/Info.plist
    \tgit -C stage init -q && git -C stage add -A
    \tcd stage && c=$$(GIT_AUTHOR_DATE=@1767225600 GIT_COMMITTER_DATE=@1767225600 \\
    \t  git -c user.name=make -c user.email=make@localhost commit-tree -m dist $$(git write-tree)) && \\
    \t  git archive --format=tar.gz -o ../dist/Lantern-$(VERSION).tar.gz $$c && \\
    \t  git archive --format=zip -o ../dist/Lantern-$(VERSION).zip $$c
    \tcp dist/Lantern-$(VERSION).zip dist/Lantern-$(VERSION)-full.nupkg

    .PHONY: test test-one dist
    # public key \(publicKey)

    """
  }

  static func infoPlist(publicKey: String) -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
    <plist version="1.0">
    <dict>
      <key>CFBundleIdentifier</key><string>org.example.lantern</string>
      <key>CFBundleShortVersionString</key><string>@VERSION@</string>
      <key>CFBundleVersion</key><string>@BUILD@</string>
      <key>SUPublicEDKey</key><string>\(publicKey)</string>
    </dict>
    </plist>

    """
  }

  static let testAdds = """
    # A note that was added is listed.
    set -e
    f=$(mktemp); rm "$f"
    "$1" add "$f" "buy oil"
    "$1" list "$f" | grep -q "buy oil"
    rm "$f"

    """

  /// The fix's own test: fails on 1.0.0, passes with the fix.
  static let testKeepsAll = """
    # Every note is kept, however many there are.
    set -e
    f=$(mktemp); rm "$f"
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do "$1" add "$f" "note $i"; done
    test "$("$1" list "$f" | wc -l)" -eq 12
    rm "$f"

    """

  /// The test of 0.9.1's fix.
  static let testEmpty = """
    # An empty note is not kept.
    set -e
    f=$(mktemp)
    "$1" add "$f" ""
    test ! -s "$f"
    rm "$f"

    """

  static let testQuick = """
    # Adding to a long file is quick.
    set -e
    f=$(mktemp)
    i=0; while [ $i -lt 50 ]; do echo "note $i"; i=$((i+1)); done > "$f"
    "$1" add "$f" "zebra"
    test "$("$1" list "$f" | tail -n 1)" = "zebra"
    test "$("$1" list "$f" | head -n 1)" = "note 0"
    test "$("$1" list "$f" | sed -n 3p)" = "note 2"
    rm "$f"

    """

  static func settings(_ place: DrillPlace) -> String {
    // Among a release's assets a feed has a plain name.
    func path(_ name: String) -> String {
      place.github == nil ? name : name.split(separator: "/").last.map(String.init) ?? name
    }
    return """
      app: Lantern
      version:
        scheme: patch                       # 1.0.1: read alike by all updaters
        build: { "0": "echo 1.$(git rev-list --count HEAD)", "1": git rev-list --count HEAD }
      host: \(place.host)
      test:
        suite: make test
        proof: make test-one TEST={test}    # has to fail on the base release, and pass on the fix
      ship:
        build: make dist VERSION={version} BUILD={build}\(place.workflow)
        artifacts:
          - { path: "dist/Lantern-{version}.zip" }
          - { path: "dist/Lantern-{version}.tar.gz" }
          - { path: "dist/Lantern-{version}-full.nupkg" }
        sign:
          ed25519: { key: env:LANTERN_UPDATE_KEY }
          minisign: { key: env:LANTERN_MINISIGN_KEY, public: \(place.minisignPublic) }
      feeds:
        - { sparkle: appcast.xml, signed: true, artifact: "Lantern-{version}.zip", deltas: 3 }
        - { winsparkle: appcast-win.xml, also: [netsparkle], artifact: "Lantern-{version}.zip" }
        - { electron: latest-linux.yml, artifact: "Lantern-{version}.tar.gz" }
        - { electron: latest-0-linux.yml, artifact: "Lantern-{version}.tar.gz", line: "0" }
        - { tauri: latest.json, artifact: "Lantern-{version}.tar.gz" }
        - { velopack: \(path("velopack/releases.linux.json")), artifact: "Lantern-{version}-full.nupkg" }
        - { squirrel-windows: \(path("squirrel/RELEASES")), artifact: "Lantern-{version}-full.nupkg" }
        - { squirrel-mac: squirrel-mac.json, artifact: "Lantern-{version}.zip" }
        - { appstream: org.example.lantern.metainfo.xml, artifact: "Lantern-{version}.tar.gz" }
      verify:
        from: 3
        fix: "{installed}/Lantern.app/Contents/MacOS/lantern --self-check {installed}.notes"
      policy: { approvals: 1, reviewers: allowed_signers, limits: { files: 10, lines: 200 } }
      tell:
        team: [ { webhook: env:LANTERN_TEAM_HOOK } ]
        announcement: [ \(place.announcement) ]
        users: [ { slack: env:LANTERN_USERS_HOOK } ]
        support: support@example.org

      """
  }

  static let changelog = """
    # Changelog

    All notable changes to this project are documented in this file.
    The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).

    ## [Unreleased]

    ## [0.9.0] - 2026-09-01

    ### Added

    - Notes: `add` and `list`.

    """

  static let changelog100 = changelog.replacing(
    "## [Unreleased]\n",
    with: """
      ## [Unreleased]

      ## [1.0.0] - 2026-11-01

      ### Changed

      - Notes are kept sorted.

      """
  )
}
