#include "replay/csv_reader.h"

#include <gmock/gmock.h>

#include <array>
#include <cstddef>
#include <random>
#include <string>

namespace packwalk::replay {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Records = std::vector<std::vector<std::string>>;

struct Read {
  Records records;
  std::vector<std::size_t> lines;
  std::vector<std::size_t> open_quotes;
  char separator = 0;
  std::size_t comments = 0;
};

Read read(std::string_view text) {
  CsvReader reader(text);
  reader.skip_comments();
  Read all;
  while (reader.next()) {
    all.records.emplace_back(reader.fields().begin(), reader.fields().end());
    all.lines.push_back(reader.line());
  }
  all.open_quotes = reader.open_quotes();
  all.separator = reader.separator();
  all.comments = reader.comments();
  return all;
}

const Records two = {{"a", "b", "c"}, {"1", "2", "3"}};

TEST(CsvReader, FindsTheSeparator) {
  for (const char* text :
       {"a,b,c\n1,2,3\n", "a;b;c\n1;2;3", "a\tb\tc\n1\t2\t3\n", "a|b|c\n1|2|3\n", "sep=;\na;b;c\n1;2;3\n",
        "\"sep=|\"\r\na|b|c\r\n1|2|3\r\n", "sep=!\na!b!c\n1!2!3\n", "\n# of x, y, z, and more\na;b;c\n1;2;3\n"}) {
    EXPECT_EQ(two, read(text).records) << text;
  }
  EXPECT_EQ((Records{{"t", "52,5200", "13,4050"}}), read("t;52,5200;13,4050\n").records) << "a decimal comma";
  EXPECT_EQ((Records{{"a", "b;c;d", "e"}}), read("a,\"b;c;d\",e\n").records) << "what is quoted does not count";
}

TEST(CsvReader, TrimsWhatIsNotQuoted) {
  EXPECT_EQ(two, read("a, b ,\tc\n1 , 2, 3 \n").records);
  EXPECT_EQ(two, read("a, \"b\" ,c\n\"1\" , 2, 3\n").records);
  EXPECT_EQ((Records{{" a ", "b"}}), read("\" a \",b\n").records);
  EXPECT_EQ(two, read("a\0\0,b\0,c\n1\0\0,2,3\0\0\0"s).records) << "as Columbus fills its fields";
  EXPECT_EQ((Records{{"", "b"}, {"c", ""}}), read("\tb\nc\t\n").records) << "tabs separate here";
}

TEST(CsvReader, KnowsAllEndsOfLines) {
  for (const char* text : {"a,b,c\r\n1,2,3\r\n", "a,b,c\r1,2,3\r", "a,b,c\r1,2,3", "a,b,c\r\r\n1,2,3\r\r\n",
                           "\n\na,b,c\n \n,,\n1,2,3\n\n"}) {
    EXPECT_EQ(two, read(text).records) << text;
  }
  EXPECT_THAT(read("\na,b\n,\n1,2\n").lines, ElementsAre(2, 4));
  EXPECT_THAT(read("a,b\r1,2\r3,4").lines, ElementsAre(1, 2, 3));
}

TEST(CsvReader, LeavesCommentsOut) {
  const Read all = read("a,b,c\n# 9,9,9\n  #\n1,2,3\n");
  EXPECT_EQ(two, all.records);
  EXPECT_EQ(2U, all.comments);
  CsvReader reader("# a,b\n1,2\n");
  EXPECT_TRUE(reader.next());
  EXPECT_EQ("# a", reader.fields()[0]) << "until it is told to skip them";
}

TEST(CsvReader, ReadsQuotesAsRfc4180) {
  EXPECT_EQ((Records{{"a", "b"}, {"1", "x,\"y\"\nz"}, {"2", ""}}), read("a,b\n1,\"x,\"\"y\"\"\nz\"\n2,\"\"\n").records);
  EXPECT_EQ((Records{{"a", "b"}, {"1", "6\" of \"snow\""}}), read("a,b\n1,6\" of \"snow\"\n").records);
  EXPECT_THAT(read("a,b\n1,\"x\ny\"\n2,3\n").lines, ElementsAre(1, 2, 4));
}

TEST(CsvReader, ReadsOnBehindAQuoteThatIsNotClosedAndTellsItsLine) {
  const Records rest = {{"a", "b", "c"}, {"1", "2", "x"}, {"3", "4", "y"}, {"5", "6", "z"}};
  const Read open = read("a,b,c\n1,2,\"x\n3,4,y\n5,6,z\n");
  EXPECT_EQ(rest, open.records);
  EXPECT_THAT(open.open_quotes, ElementsAre(2));
  EXPECT_THAT(open.lines, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ((Records{{"a", "b", "c"}, {"1", "2", "x"}, {"3", "4", "y"}, {"5", "6", "z\""}}),
            read("a,b,c\n1,2,\"x\n3,4,y\n5,6,z\"\n").records)
      << "another quote far below does not close it";
  EXPECT_EQ((Records{{"a", "b", "c"}, {"1", "2", "x"}, {"3", "4", "y"}}),
            read("a,b,c\n1,2,\"x\n\"3\",4,\"y\"\n").records)
      << "nor does that of the next record";
  EXPECT_EQ(3U, read("a,b,c,d\n1,2,3,\"7, \n4,5,6,\"x, ,\"\n").records.size())
      << "nor does that of a note that begins with a number";
  EXPECT_EQ((Records{{"a", "b"}, {"1", "x"}}), read("a,b\n1,\"x").records);
  EXPECT_EQ((Records{{"a", "b"}, {"5\" high", "2"}, {"3", "4"}}), read("a,b\n\"5\" high,2\n3,4\n").records);
  EXPECT_EQ((Records{{"a", "b"}, {"1", "x"}, {"3", "y"}}), read("a,b\n\"1\",\"x\n\"3\",\"y\"\n").records);
  EXPECT_THAT(read("a,b\n1,\"x\ny\"\n").open_quotes, IsEmpty());
}

TEST(CsvReader, NeedsNoLongerForManyQuotes) {
  std::string text = "a,b,c\n";
  for (int i = 0; i < 300'000; ++i) text.append("\"x\"y,\"2\n");
  const Read all = read(text);  // a reader that looks for each open quote's end in the whole rest takes hours
  EXPECT_LE(all.open_quotes.size(), 1000U);
  EXPECT_EQ(300'001U, all.records.size());
}

TEST(CsvReader, TakesALineThatBeginsWithAHashForARowIfItHasAllFields) {
  CsvReader reader("a,b,c\n#7,1,2\n# a, b\n#8,\"x, y\",2\n# \"x, y\n#9,1,2\n");
  reader.next();
  reader.skip_comments(3);
  Records records;
  while (reader.next()) records.emplace_back(reader.fields().begin(), reader.fields().end());
  EXPECT_EQ((Records{{"#7", "1", "2"}, {"#8", "x, y", "2"}, {"#9", "1", "2"}}), records);
  EXPECT_EQ(2U, reader.comments());
}

TEST(CsvReader, ReadsOnBehindAnOpenQuoteWhereRowsAreShorterThanTheHeader) {
  for (const char* next : {"3,4,y", "3,4,\"y\"", "\"3\",4,y"}) {
    const std::string text = "a,b,c,d,e,f,g,h,i\n1,2,\"x\n" + std::string(next) + "\n5,6,z\n";
    const Read first = read(text);
    EXPECT_EQ(
        (Records{{"a", "b", "c", "d", "e", "f", "g", "h", "i"}, {"1", "2", "x"}, {"3", "4", "y"}, {"5", "6", "z"}}),
        first.records)
        << text;
    EXPECT_THAT(first.open_quotes, ElementsAre(2)) << text;
  }
  EXPECT_EQ((Records{{"a", "b", "c", "d", "e"}, {"1", "2", "3"}, {"4", "5", "6"}, {"7", "8", "9", "x"}}),
            read("a,b,c,d,e\n\"1,2,3\n4,5,6\n7,8,9,\"x\"\n").records)
      << "a quote that begins the first row";
  EXPECT_EQ((Records{{"a", "b", "c", "d"}, {"v, w\nx, y\nz", "1", "2", "3"}}),
            read("a,b,c,d\n\"v, w\nx, y\nz\",1,2,3\n").records);
  EXPECT_EQ((Records{{"a", "b", "c", "d"}, {"1", "2", "w"}, {"1", "x 2", ""}, {"3", "4", "y"}}),
            read("a,b,c,d\n1,2,w\n1,\"x 2,\n3,4,y\n").records)
      << "as many as the row before";
  EXPECT_EQ((Records{{"a", "b", "c", "d"}, {"1", "x, y\nz, 2\nw", "3"}}),
            read("a,b,c,d\n1,\"x, y\nz, 2\nw\",3\n").records)
      << "a note of several lines";
}

TEST(CsvReader, ReadsNotesOfSeveralLinesBesideOtherFields) {
  const std::string note = "met Ben\nthen left, home\nslept";
  const Records want = {
      {"device", "note", "timestamp", "lat", "lon"}, {"rex", note, "1", "2", "3"}, {"rex", "", "2", "2", "3"}};
  const Read all = read("device,note,timestamp,lat,lon\nrex,\"" + note + "\",1,2,3\nrex,,2,2,3\n");
  EXPECT_EQ(want, all.records);
  EXPECT_THAT(all.open_quotes, IsEmpty());
  EXPECT_THAT(all.lines, ElementsAre(1, 2, 5));
}

/// As Python's csv writes it.
std::string rfc4180_text(const Records& records) {
  std::string text;
  for (const std::vector<std::string>& record : records) {
    for (std::size_t i = 0; i < record.size(); ++i) {
      if (i > 0) text += ',';
      if (record[i].find_first_of(",\"\n") == std::string::npos) {
        text += record[i];
        continue;
      }
      text += '"';
      for (const char c : record[i]) text.append(c == '"' ? 2 : 1, c);
      text += '"';
    }
    text += "\r\n";
  }
  return text;
}

TEST(CsvReader, ReadsWhateverRfc4180Has) {
  constexpr std::array<const char*, 12> words = {"met Ben", ", ",   "\n", "then left",  "\"Rex\"", "2 dogs",
                                                 ",",       "\n\n", "7",  ", 3 cats, ", "\"",      "slept\n"};
  std::mt19937 random(1);
  const auto below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random); };
  for (int file = 0; file < 1000; ++file) {
    const std::size_t note_at = below(5);
    const std::size_t more_columns = below(3);
    Records records;
    for (std::size_t row = 0; row < 2 + below(12); ++row) {
      std::vector<std::string>& record = records.emplace_back();
      if (row == 0) {
        record = {"device", "timestamp", "lat", "lon"};
      } else {
        record = {"rex", std::to_string(1'772'445'600 + row), "50.1", "-8.25"};
      }
      for (std::size_t i = 0; i < more_columns; ++i) record.emplace_back(row == 0 ? "more" : i == 0 ? "x" : "");
      std::string note = "a";
      for (std::size_t i = 0; row > 0 && i < below(10); ++i) note += words.at(below(words.size()));
      record.insert(record.begin() + static_cast<std::ptrdiff_t>(note_at), note + "z");
    }
    const std::string text = rfc4180_text(records);
    const Read all = read(text);
    ASSERT_EQ(records, all.records) << text;
    ASSERT_THAT(all.open_quotes, IsEmpty()) << text;
  }
}

TEST(CsvReader, EndsAtARecordThatIsTooLarge) {
  const auto trouble = [](const std::string& text) {
    CsvReader reader(text);
    std::size_t records = 0;
    while (reader.next()) ++records;
    EXPECT_FALSE(reader.next());
    return std::to_string(records) + " " + reader.trouble();
  };
  EXPECT_EQ("2 ", trouble("a,b\n1" + std::string(9'999, ',') + "\n"));
  EXPECT_EQ("1 line 2 has more than 10000 fields", trouble("a,b\n1" + std::string(10'000, ',') + "\n3,4\n"));
  EXPECT_EQ("1 line 3 has more than 10000 fields", trouble("a,b\n\n\"1\"" + std::string(10'000, ',') + "\n3,4\n"));
  EXPECT_EQ("2 ", trouble("a,b\n1," + std::string(1'000'000, 'x') + "\n"));
  EXPECT_EQ("1 line 2 has more than a mebibyte", trouble("a,b\n1," + std::string(2'000'000, 'x') + "\n3,4\n"));
  EXPECT_EQ("2 ", trouble("a,b\n1,2" + std::string(2'000'000, '\0') + "\n")) << "what a logger did not fill";
}

TEST(CsvReader, BearsNothing) {
  for (const std::string& text : {""s, "\n"s, "\r"s, " ,\t"s, "\0\0\n"s}) EXPECT_THAT(read(text).records, IsEmpty());
}

}  // namespace
}  // namespace packwalk::replay
