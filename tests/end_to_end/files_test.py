"""Files as loggers, apps, spreadsheets and databases write them, through `analyse` and `replay`."""
import csv
import gzip
import io
import json
import os
import pty
import subprocess
import unittest
import zipfile

from packwalk_process import BINARY, ROOT, PackwalkTest, environment, run

CORPUS = ROOT / "tests/corpus"
SECONDS = 60
POINT = '<trkpt lat="50.10{0:02}" lon="8.1"><time>2026-03-02T10:00:{0:02}Z</time></trkpt>'


def csv_text(header, *rows):
    return "\n".join([header, *rows]) + "\n"


def gpx(*tracks):
    inside = "".join(f"<trk><name>{name}</name><trkseg>" + "".join(POINT.format(second) for second in seconds) + "</trkseg></trk>"
                     for name, seconds in tracks)
    return f'<?xml version="1.0"?>\n<gpx xmlns="http://www.topografix.com/GPX/1/1">{inside}</gpx>'


class FilesTest(PackwalkTest):
    def file(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def tracks(self, *arguments, code=0, stdin=None):
        """{device: [fixes of each track]}, and what was said."""
        ran = subprocess.run([BINARY, "analyse", *map(str, arguments), "--tracks", "-"], capture_output=True, timeout=SECONDS,
                             env=environment(), input=stdin)
        said = ran.stderr.decode()
        self.assertEqual(code, ran.returncode, said)
        found = {}
        for row in csv.DictReader(io.StringIO(ran.stdout.decode())):
            found.setdefault(row["device"], []).append(int(row["fix_count"]))
        return found, said


class Analyse(FilesTest):
    def test_reads_what_others_stumbled_over(self):
        for name, want in {"csv/nan_altitude": {"rex": [8]}, "csv/milliseconds": {"rex": [4]}, "csv/header_with_spaces": {"rex": [2]},
                           "csv/open_quote": {"rex": [4]}, "csv/row_number_as_device": {"rex": [4]},
                           "csv/date_and_time_columns": {"date_and_time_columns": [2]}, "csv/carriage_returns": {"rex": [2]},
                           "csv/utf16": {"Räx🐕": [1]}, "csv/e7": {"e7": [1]}, "csv/columbus": {"columbus": [1]},
                           "csv/movebank": {"Ares": [1]}, "csv/mtk": {"mtk": [1]}, "gpx/time_without_zone": {"time_without_zone": [3]},
                           "gpx/two_dogs_in_one_file": {"Bello": [12], "Rex": [12]}, "gpx/cut_short": {"cut_short": [3]},
                           "gpx/two_ends": {"two_ends": [1]}, "gpx/prefixes": {"prefixes": [1]}}.items():
            with self.subTest(name):
                self.assertEqual(want, self.tracks(CORPUS / name)[0])

    def test_says_how_it_understood_a_file(self):
        file = self.file("walk.csv", csv_text("collar;Datum;Zeit;lat;lon;HDOP", "rex;02.03.2026;10:00:00;50,1;8,1;1",
                                              "rex;02.03.2026;10:00:05;50,1001;8,1;1", "rex;02.03.2026;10:00:10;50,1002;8,1;x"))
        found, said = self.tracks(file, "--columns", "date=Datum,clock=Zeit", "--day-first")
        self.assertEqual({"rex": [3]}, found)
        self.assertIn(f"{file}: CSV, separated by semicolons: device = collar, timestamp = Datum and Zeit, lat = lat, lon = lon, "
                      "hdop = HDOP\n", said)
        self.assertIn("read: 3 fixes of 1 device, 2026-03-02T10:00:00Z to 2026-03-02T10:00:10Z, median interval 5 s\n", said)
        self.assertNotIn("warning", said)

    def test_warns_of_what_is_hardly_meant(self):
        header = "device,timestamp,lat,lon,note"
        for rows, words in ((["rex,1772445600,50.1,8.1", "rex,1772446500,50.1,8.1"], "the median interval of 900 s is over bridge (90 s)"),
                            (["rex,1772445600,50.1,8.1", "rex,4102444800,50.1,8.1"], "1 fix is in the future, up to 2100-01-01"),
                            (["rex,46083.4,50.1,8.1", "rex,46084.5,50.1,8.2"], "fixes are before 1990"),
                            (["1,1772445600,50.1,8.1", "2,1772445601,50.1,8.1", "3,1772445602,50.1,8.1"],
                             "3 fixes are of 3 devices: the device column seems to number the rows"),
                            (["rex,1772445600000,50.1,8.1"], "the numbers of timestamp are read as milliseconds"),
                            (['rex,1772445600,50.1,8.1,"open'], "line 2: a quote is not closed"),
                            (["rex,1772445600,50.1,8.1", "rex,1772445600,50.1001,8.1"], "If they belong to several devices")):
            with self.subTest(words):
                found, said = self.tracks(self.file("odd.csv", csv_text(header, *rows)))
                self.assertIn("warning: ", said)
                self.assertIn(words, said)
        found, said = self.tracks(self.file("many.gpx", gpx(("A", [0]), ("B", [1]), ("C", [2]))))
        self.assertIn("warning: 3 fixes are of 3 devices: each track or file is read as a device of its own. To read all as one device, give --device ID\n", said)
        excel = self.tracks(self.file("excel.csv", csv_text(header, "rex,46083.416724537,50.1,8.1")), "--excel-days")[1]
        self.assertIn("2026-03-02T10:00:05Z", excel)

    def test_exits_with_1_when_it_read_nothing_or_dropped_too_much(self):
        rows = [f"rex,{second},50.1,8.1" for second in range(1772445600, 1772445619)]
        few = self.file("few.csv", csv_text("device,timestamp,lat,lon", *rows, "rex,?,50.1,8.1"))
        self.assertEqual({"rex": [19]}, self.tracks(few)[0])
        more = self.file("more.csv", csv_text("device,timestamp,lat,lon", *rows, "rex,?,50.1,8.1", "rex,1,95,8.1"))
        found, said = self.tracks(more, code=1)
        self.assertEqual({"rex": [19]}, found, "what could be read is written all the same")
        self.assertIn("of 21 rows 2 were dropped, more than --drop-max allows", said)
        self.tracks(more, "--drop-max", "10%")
        self.assertIn("of 20 rows 1 was dropped, more than", self.tracks(few, "--drop-max", "0", code=1)[1])
        nothing = self.file("nothing.csv", csv_text("device,timestamp,lat,lon", "rex,02.03.2026 10:00:00,50.1,8.1"))
        self.assertIn("no fix could be read", self.tracks(nothing, "--drop-max", "1", code=1)[1])
        self.assertIn("line 2: timestamp cannot be read: 02.03.2026 10:00:00", self.tracks(nothing, code=1)[1])

    def test_exits_with_1_when_a_file_gave_no_fix(self):
        rex = self.file("rex.csv", csv_text("time,lat,lon", *(f"{1772445600 + i},50.1,8.1" for i in range(1000))))
        empty, wrong, nowhere = (self.file(f"{name}.csv", csv_text("time,lat,lon", *rows)) for name, rows in
                                 (("empty", []), ("wrong", ["02.03.2026 10:00:00,50.1,8.1"]), ("nowhere", ["1772445600,,", "1772445601,0,0"])))
        for file in (empty, wrong, nowhere):
            with self.subTest(file):
                found, said = self.tracks(rex, file, code=1)
                self.assertEqual({"rex": [1000]}, found, "what could be read is written all the same")
                self.assertIn(f"warning: {file}: there is no fix in it\n", said)
                self.assertIn(f"packwalk: there is no fix in {file}\n", said)
        self.assertIn(f"packwalk: there is no fix in {empty} and 1 more\n", self.tracks(empty, rex, wrong, code=1)[1])
        late = self.file("late.csv", csv_text("time,lat,lon", "1772999999,50.1,8.1"))
        self.assertNotIn("there is no fix", self.tracks(rex, late, "--to", "2026-03-03")[1])

    def test_counts_rows_that_are_left_out_without_calling_them_lost(self):
        file = self.file("movebank.csv", csv_text(
            "event-id,visible,timestamp,location-long,location-lat,individual-local-identifier",
            *(f"{i},{'false' if i % 2 else 'true'},2026-03-02 10:00:{i:02}.000,8.1,50.1,Ares" for i in range(10)), "11,true,2026-03-02,,,Ares"))
        found, said = self.tracks(file)
        self.assertEqual({"Ares": [5]}, found)
        self.assertIn("left out: 1 row without a position, 5 rows that the recorder marks as not valid\n", said)

    def test_takes_one_file_for_each_animal(self):
        text = csv_text("time,lat,lon", "2026-03-02T10:00:00,50.1,8.1", "2026-03-02T10:00:05,50.1,8.1")
        files = [self.file("rex.csv", text), self.file("bello.csv", text), self.file("luna.gpx", gpx(("", [0, 5])))]
        self.assertEqual({"bello": [2], "luna": [2], "rex": [2]}, self.tracks(*files)[0])
        same = [self.file("one/track.csv", text), self.file("two/track.csv", text)]
        self.assertEqual({str(same[0]): [2], str(same[1]): [2]}, self.tracks(*same)[0])

    def test_two_files_never_become_one_animal_silently(self):
        walks = gpx(("Morning Walk", range(0, 10)), ("Evening Walk", range(20, 30)))
        dogs = [self.file("rex.gpx", walks), self.file("bello.gpx", walks)]
        found, said = self.tracks(*dogs)
        self.assertEqual({"bello": [20], "rex": [20]}, found)
        for dog in dogs:
            self.assertIn(f"warning: {dog}: other files have tracks of the same names", said)
            self.assertIn(f"{dog}: GPX: device = {dog.stem}, by the file's name\n", said)
        pack = [self.file("may.gpx", gpx(("Rex", [0, 5]), ("Bello", [0, 5]))), self.file("june.gpx", gpx(("Rex", [7, 9]), ("Bello", [8, 9])))]
        found, said = self.tracks(*pack)
        self.assertEqual({"june: Bello": [2], "june: Rex": [2], "may: Bello": [2], "may: Rex": [2]}, found)
        self.assertIn("Each track of this file is read as a device of its own, may: NAME", said)
        self.assertEqual({"all": [5]}, self.tracks(*pack, "--device", "all", "--drop-max", "1")[0])
        rows = csv_text("device,time,lat,lon", "rex,2026-03-02T10:00:00,50.1,8.1")
        found, said = self.tracks(self.file("a.csv", rows), self.file("b.csv", rows.replace("00,", "07,")), dogs[0])
        self.assertEqual({"rex": [2], "Evening Walk": [10], "Morning Walk": [10]}, found)
        self.assertIn("several files name the same devices: rex\n", said)
        alone = csv_text("time,lat,lon", "2026-03-02T10:00:00,50.1,8.1")
        found, said = self.tracks(self.file("a.csv", rows), self.file("rex.csv", alone))
        self.assertEqual({"rex": [1], str(self.folder / "rex.csv"): [1]}, found)
        self.assertIn("other files have a device rex", said)

    def test_a_range_changes_no_name(self):
        walks = gpx(("Morning Walk", range(0, 10)), ("Evening Walk", range(5, 30)))
        dogs = [self.file("rex.gpx", walks), self.file("bello.gpx", walks)]
        whole = self.tracks(*dogs)[0]
        self.assertEqual({"bello: Morning Walk", "bello: Evening Walk", "rex: Morning Walk", "rex: Evening Walk"}, set(whole))
        found, said = self.tracks(*dogs, "--from", "2026-03-02T10:00:20Z")
        self.assertEqual({"bello: Evening Walk": [10], "rex: Evening Walk": [10]}, found)
        self.assertIn("left out: 50 rows not between --from and --to\n", said)

    def test_sleep_is_of_a_device_that_is_there(self):
        rows = [f"2026-03-02T10:00:{second:02},50.1,8.1" for second in range(0, 20, 5)]
        rex, bello = (self.file(f"{name}.csv", csv_text("time,lat,lon", *rows)) for name in ("rex", "bello"))
        slept = csv_text("time", "2026-03-02T10:00:07")
        sleep = self.file("sleep.csv", slept)
        found, said = self.tracks(rex, "--sleep", sleep)
        self.assertEqual({"rex": [2, 2]}, found)
        self.assertIn(f"{sleep}: CSV, separated by commas: device = rex, the only one", said)
        said = self.tracks(rex, bello, "--sleep", sleep, code=1)[1]
        self.assertIn(f"packwalk: {sleep}: there is no column for the device", said)
        self.assertEqual({"rex": [4], "bello": [2, 2]}, self.tracks(rex, bello, "--sleep", self.file("sleep/bello.csv", slept))[0])
        self.assertEqual({"max": [2, 2]}, self.tracks(rex, "--device", "max", "--sleep", sleep)[0])
        found, said = self.tracks(rex, "--sleep", self.file("others.csv", csv_text("device,time", "luna,2026-03-02T10:00:07")))
        self.assertEqual({"rex": [4]}, found)
        self.assertIn("others.csv: 1 sample of sleep for devices without a fix, such as luna, which has no effect", said)

    def test_a_flag_takes_no_file_of_another_dog(self):
        rex, bello = (self.file(f"{name}.gpx", gpx((name, [0, 5, 10, 15]))) for name in ("rex", "bello"))
        sleep, more = (self.file(f"{name}.csv", csv_text("device,time", f"{name},2026-03-02T10:00:07")) for name in ("rex", "bello"))
        self.assertEqual({"rex": [2, 2], "bello": [4]}, self.tracks(rex, "--sleep", sleep, bello)[0])
        self.assertEqual({"rex": [2, 2], "bello": [2, 2]}, self.tracks(rex, bello, "--sleep", sleep, "--sleep", more)[0])
        self.assertEqual({"rex": [4], "bello": [4]}, self.tracks(rex, "--set", "near=9", bello, "--set", "bridge=80")[0])
        said = self.tracks(rex, bello, "--sleep", bello, code=1)[1]
        self.assertIn(f"packwalk: {bello}: samples of sleep must be CSV, but this file is XML\n", said)

    def test_names_the_line_of_a_row_that_is_too_large(self):
        file = self.file("wide.csv", csv_text("device,timestamp,lat,lon", "rex,1,2,3", "rex,2,2,3" + 20_000 * ","))
        self.assertIn(f"packwalk: {file}: line 3 has more than 10000 fields\n", self.tracks(file, code=1)[1])

    def test_reads_pipes_and_what_is_packed(self):
        text = gpx(("Rex", [0, 5]), ("Bello", [0, 5])).encode()
        want = {"Rex": [2], "Bello": [2]}
        self.assertEqual(want, self.tracks("-", stdin=text)[0])
        self.assertEqual(want, self.tracks("/dev/stdin", stdin=text)[0])
        self.assertEqual(want, self.tracks("-", stdin=gzip.compress(text))[0])
        self.assertEqual(want, self.tracks(self.file("walk.gpx.gz", gzip.compress(text)))[0])
        self.assertEqual({"stdin": [1]}, self.tracks("-", stdin=b"time,lat,lon\n1772445600,50.1,8.1\n")[0])
        self.assertEqual({"rex": [1]}, self.tracks(self.file("rex.csv.gz", gzip.compress(b"time,lat,lon\n1772445600,50.1,8.1\n")))[0])
        reader, writer = os.pipe()
        with subprocess.Popen([BINARY, "analyse", f"/dev/fd/{reader}"], pass_fds=[reader], stderr=subprocess.PIPE, env=environment()) as child:
            os.close(reader)
            os.write(writer, text)
            os.close(writer)
            self.assertIn(b"devices 2, fixes 4", child.communicate(timeout=SECONDS)[1])

    def test_reads_packed_files_as_gzip_does(self):
        rows = [f"{1772445600 + i},50.1,8.1" for i in range(5000)]
        packed = gzip.compress(csv_text("time,lat,lon" + " " * 9, *(row + "," * 500 for row in rows)).encode())
        self.assertEqual({"wide": [5000]}, self.tracks(self.file("wide.csv.gz", packed))[0])
        self.assertEqual({"padded": [5000]}, self.tracks(self.file("padded.csv.gz", packed + bytes(700)))[0])
        cut, said = self.tracks(self.file("cut.csv.gz", packed[:len(packed) // 2]))
        self.assertTrue(100 < cut["cut"][0] < 5000, cut)
        self.assertIn("cut.csv.gz: is packed by gzip, and gzip stream is cut short. Packwalk reads the part before that\n", said)

    def test_no_name_commands_a_terminal(self):
        file = self.file("a\x1b[31mb.csv", csv_text("device,time,lat,lon", "r\x1b]0;ex\x07,1772445600,50.1,8.1", "rex,?,50.1,8.1"))
        found, said = self.tracks(file, "--drop-max", "1")
        self.assertEqual({"r\x1b]0;ex\x07": [1]}, found, "a file has the name as it is")
        self.assertIn("a\\x1b[31mb.csv: CSV", said)
        self.assertNotIn("\x1b", said)
        self.assertNotIn("\x1b", self.tracks(self.file("b\x1b.csv", ""), code=1)[1])
        reader, terminal = pty.openpty()
        with open(reader, "rb", buffering=0) as shown:
            subprocess.run([BINARY, "analyse", file, "--drop-max", "1", "--tracks", "-"], stdout=terminal, stderr=subprocess.PIPE,
                           timeout=SECONDS, env=environment())
            self.assertIn(b"r\\x1b]0;ex\\x07,", shown.read(65536))
            os.close(terminal)

    def test_says_what_a_file_is_that_it_does_not_read(self):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("walk.gpx", gpx(("Rex", [0])))
        for text, words in ((packed.getvalue(), "is a zip archive. Unpack it first"), (b"BZh91AY", "is packed by bzip2"),
                            (gzip.compress(b"a,b\n")[:15], "is packed by gzip, and gzip stream is cut short"),
                            (b"<kml/>", "its root element is <kml>, not <gpx>"), (b"", "the file is empty"),
                            (b"1772445600,50.1,8.1\n", "its first line has no column names. Add a header"), (b"time,lat\n", "there is no column for the lon"),
                            (b'<gpx><wpt lat="1" lon="2"/></gpx>', "it has no track points, only 1 waypoint (")):
            with self.subTest(words):
                file = self.file("odd", text)
                said = self.tracks(file, code=1)[1]
                self.assertIn(f"packwalk: {file}: ", said)
                self.assertIn(words, said)

    def test_reads_waypoints_on_request(self):
        file = self.file("points.gpx", '<gpx><wpt lat="1" lon="2"><time>2026-03-02T10:00:00Z</time></wpt><wpt lat="1" lon="2"/></gpx>')
        found, said = self.tracks(file, "--waypoints")
        self.assertEqual({"points": [1]}, found)
        self.assertIn("1 waypoint or route point has no time and is left out", said)

    def test_overwrites_nothing_unasked(self):
        file, out = self.file("rex.csv", "time,lat,lon\n1772445600,50.1,8.1\n"), self.file("tracks.csv", "mine")
        refused = run("analyse", file, "--tracks", out)
        self.assertEqual(1, refused.returncode)
        self.assertIn(f"{out} exists already (--force overwrites it)", refused.stderr)
        self.assertEqual("mine", out.read_text())
        self.assertEqual(0, run("analyse", file, "--tracks", out, "--force").returncode)
        self.assertIn("rex,", out.read_text())
        both = run("analyse", file, "--tracks", "-", "--contacts", "-")
        self.assertIn("standard output takes only one table", both.stderr)


class Replay(FilesTest):
    def setUp(self):
        super().setUp()
        self.data = self.folder / "data"

    def replay(self, *arguments):
        return run("replay", *arguments, "--speed", "max", "--data", self.data)

    def fixes(self):
        return dict(self.rows(self.data, "SELECT d.id, COUNT(*) FROM fixes f JOIN devices d ON d.number = f.device GROUP BY d.id"))

    def test_reads_what_analyse_reads(self):
        self.serve()
        for name, device, fixes in (("csv/nan_altitude", "rex", 8), ("csv/date_and_time_columns", "date_and_time_columns", 2),
                                    ("gpx/time_without_zone", "time_without_zone", 3), ("gpx/two_dogs_in_one_file", "Bello", 12),
                                    ("gpx/two_dogs_in_one_file", "Rex", 12), ("gpx/cut_short", "cut_short", 3)):
            with self.subTest(name):
                ran = self.replay(CORPUS / name)
                self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
                self.assertIn(f"{CORPUS / name}: ", ran.stderr)
                self.assertEqual(fixes, self.fixes()[device])

    def test_its_report_overwrites_nothing_unasked_and_names_devices_in_order(self):
        self.serve()
        file = self.file("dogs.csv", csv_text("device,time,lat,lon", *(f"{dog},2026-03-02T10:00:00,50.1,8.1" for dog in ("rex", "bello", "luna"))))
        report = self.file("report.json", "mine")
        refused = self.replay(file, "--report", report)
        self.assertEqual(1, refused.returncode)
        self.assertIn(f"{report} exists already (--force overwrites it)", refused.stderr)
        self.assertEqual(({}, "mine"), (self.fixes(), report.read_text()))
        ran = self.replay(file, "--report", report, "--force")
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        names = ["bello", "luna", "rex"]
        self.assertEqual(names, [each["device"] for each in json.loads(report.read_text())["devices"]])
        self.assertEqual(names, [line.split()[0] for line in ran.stdout.splitlines() if line.split()[:1] and line.split()[0] in names])

    def test_says_what_cannot_be_reached_and_how_long_it_takes(self):
        file = self.file("rex.csv", csv_text("time,lat,lon", "2026-03-02T10:00:00,50.1,8.1", "2026-03-02T10:30:00,50.1,8.1"))
        token, tokens = self.file("admin.token", "x" * 43), self.file("tokens.csv", "rex," + "y" * 43 + "\n")
        ran = run("replay", file, "--url", "http://127.0.0.1:1", "--admin-token", token, "--tokens", tokens)
        self.assertEqual(1, ran.returncode)
        self.assertIn("cannot query http://127.0.0.1:1 for the tally: ", ran.stderr)
        self.assertIn("this takes 1800 s, as long as the recording. --speed max sends as fast as the server accepts\n", ran.stderr)

    def test_a_file_of_which_nothing_can_be_read_is_a_failure(self):
        self.serve()
        ran = self.replay(self.file("odd.csv", "time,lat,lon\nyesterday,50.1,8.1\n"))
        self.assertEqual(1, ran.returncode)
        self.assertIn("no row can be read; line 2: timestamp cannot be read: yesterday", ran.stderr)


if __name__ == "__main__":
    unittest.main()
