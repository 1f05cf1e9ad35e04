#include "packwalk/configuration/load_config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <initializer_list>

#include "base/temporary_folder.h"
#include "packwalk/configuration/all_settings.h"
#include "packwalk/configuration/config_file.h"

namespace packwalk {
namespace {

/// A data folder, and what is read from it and an environment.
class ConfigTest : public testing::Test {
 protected:
  std::string write(const std::string& text, const std::string& name = "packwalk.toml") {
    std::ofstream(folder_.file(name)) << text;
    return folder_.file(name);
  }

  Result<Config> load(std::initializer_list<const char*> environment = {},
                      const std::optional<std::string>& file = std::nullopt) {
    std::vector<const char*> all(environment);
    all.push_back(nullptr);
    return load_config(folder_.path().string(), file, all.data());
  }

  std::string error_of(const std::string& text) {
    write(text);
    const auto loaded = load();
    return loaded ? "" : loaded.error().detail.substr(folder_.path().string().size() + 1);
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(ConfigTest, IsTheDocumentedOneWithoutAFile) {
  const auto usual = load();
  write(documented_config());
  const auto documented = load();
  ASSERT_TRUE(usual);
  ASSERT_TRUE(documented);
  EXPECT_EQ(8080, usual->http.port);
  EXPECT_EQ(8081, usual->ops.port);
  EXPECT_FALSE(usual->ops.is_chosen);
  EXPECT_TRUE(documented->ops.is_chosen);
  EXPECT_EQ(usual->http.body_bytes_max, documented->http.body_bytes_max);
  EXPECT_EQ(usual->store.keep.events_days, documented->store.keep.events_days);
  EXPECT_EQ(usual->packets.rules.earliest, documented->packets.rules.earliest);
  EXPECT_EQ(usual->analysis.rules.walks.bridge, documented->analysis.rules.walks.bridge);
  EXPECT_EQ("packwalk.packets", documented->queue.queue);
  EXPECT_FALSE(documented->mqtt.auth);
}

TEST_F(ConfigTest, SaysWhichKeyIsUnknownAndWhichOneWasMeant) {
  EXPECT_EQ("packwalk.toml: unknown key http.litsen in line 2; did you mean http.listen?",
            error_of("[http]\nlitsen = \"127.0.0.1:1\"\n"));
  EXPECT_EQ("packwalk.toml: unknown key listen. Put it into a section such as [http]",
            error_of("listen = \"127.0.0.1:1\"\n"));
}

TEST_F(ConfigTest, RefusesTextThatIsNoToml) {
  EXPECT_NE(std::string::npos, error_of("[http]\nlisten = \n").find("in line 2"));
}

TEST_F(ConfigTest, RefusesAValueThatIsNoNumber) {
  EXPECT_EQ("packwalk.toml: http.queries_max in line 2 is not finite. Write a number, true, false, or a text in quotes",
            error_of("[http]\nqueries_max = inf\n"));
  EXPECT_EQ("packwalk.toml: http.queries_max in line 2 is a list. Write a number, true, false, or a text in quotes",
            error_of("[http]\nqueries_max = [1]\n"));
}

TEST_F(ConfigTest, ReadsTheNamedFileInsteadOfThatInTheFolder) {
  write("[http]\nlisten = \"127.0.0.1:1\"\n");
  const std::string other = write("[http]\nlisten = \"127.0.0.1:2\"\n", "other.toml");
  EXPECT_EQ(1, load()->http.port);
  EXPECT_EQ(2, load({}, other)->http.port);
  EXPECT_FALSE(load({}, other + ".not"));
}

TEST_F(ConfigTest, LetsTheEnvironmentWinOverTheFile) {
  write("[http]\nlisten = \"127.0.0.1:1\"\nqueries_max = 7\n");
  const auto config = load({"PACKWALK_HTTP_LISTEN=[::1]:3", "HOME=/"});
  ASSERT_TRUE(config);
  EXPECT_EQ("::1", config->http.host);
  EXPECT_EQ(3, config->http.port);
  EXPECT_EQ(7U, config->http.queries_max);
}

TEST_F(ConfigTest, ListsVariablesThatNobodyKnowsAndNoneOfOthers) {
  const auto config = load({"PACKWALK_STORE_URI=x", "PACKWALK_DATA=d", "PACKWALK_CONFIG=c", "PACKWALK_DATE=x",
                            "PACKWALK_SERVICE_HOST=10.0.0.7", "OTHER=1"});
  ASSERT_TRUE(config);
  ASSERT_EQ(2U, config->unknown_variables.size());
  EXPECT_EQ("PACKWALK_DATE", config->unknown_variables[0].name);
  EXPECT_EQ("PACKWALK_DATA", config->unknown_variables[0].nearest);
  EXPECT_EQ("PACKWALK_STORE_URI", config->unknown_variables[1].name);
  EXPECT_EQ("PACKWALK_STORE_URL", config->unknown_variables[1].nearest);
}

TEST_F(ConfigTest, SaysWhichVariableHasAValueOutOfRange) {
  const auto config = load({"PACKWALK_HTTP_QUERIES_MAX=0"});
  ASSERT_FALSE(config);
  EXPECT_EQ("PACKWALK_HTTP_QUERIES_MAX must be a whole number from 1 to 1000000000", config.error().detail);
}

/// Two values of a key of which the second is one too far, or wrong.
struct Edge {
  const char* section;
  const char* good;
  const char* bad;
  const char* says;
};

class SectionRange : public ConfigTest, public testing::WithParamInterface<Edge> {};

TEST_P(SectionRange, TakesTheLastValueAndRefusesTheNext) {
  const std::string section = std::string("[") + GetParam().section + "]\n";
  EXPECT_EQ("", error_of(section + GetParam().good + "\n"));
  EXPECT_NE(std::string::npos, error_of(section + GetParam().bad + "\n").find(GetParam().says))
      << error_of(section + GetParam().bad + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    OfEachSection, SectionRange,
    testing::Values(
        Edge{"http", "header_bytes_max = 65000", "header_bytes_max = 65001",
             "must be a whole number from 1024 to 65000"},
        Edge{"http", "responses_bytes_max = 33554432", "responses_bytes_max = 33554431", "must be"},
        Edge{"http", "listen = \"0.0.0.0:0\"", "listen = \"dogs.example:80\"", "must begin with an IP address"},
        Edge{"http", "listen = \"localhost:65535\"", "listen = \"localhost:65536\"", "must be ADDRESS:PORT"},
        Edge{"ops", "listen = \"[::1]:0\"", "listen = \":80\"", "must be ADDRESS:PORT"},
        Edge{"store", "replica_urls = \"postgresql://a/b postgresql://c/d\"", "replica_urls = \"mysql://a/b\"",
             "must be postgresql://"},
        Edge{"store", "when_old = \"drop\"", "when_old = \"burn\"", "must be detach or drop"},
        Edge{"archive", "batch_seconds_max = 86400", "batch_seconds_max = 86401", "from 0 to 86400"},
        Edge{"queue", "urls = \"amqp://a/b, amqps://c/d\"", "urls = \"amqp://a/b, http://c/d\"", "must be amqp://"},
        Edge{"mqtt", "auth_secret = \"0123456789abcdef\"", "auth_secret = \"0123456789abcde\"",
             "at least 16 characters"},
        Edge{"bus", "channel = \"dogs\"", "channel = [\"dogs\"]", "is a list"},
        Edge{"cache", "name = \"dogs\"", "name = 2026-01-31", "is a date without quotes"},
        Edge{"packets", "mend_week_rollover = false", "mend_week_rollover = 2", "must be true or false"},
        Edge{"packets", "earliest = \"2020-01-01T00:00:00Z\"", "earliest = \"soon\"", "must be a time such as"},
        Edge{"ingest", "queue_device_percent = 100", "queue_device_percent = 101", "from 1 to 100"},
        Edge{"log", "level = \"debug\"", "level = \"loud\"", "must be debug, info, warning or error"},
        Edge{"log", "format = \"json\"", "format = \"xml\"", "must be logfmt or json"},
        Edge{"analysis", "preset = \"off-leash\"", "preset = \"wolf\"", "must be specification or off-leash"},
        Edge{"analysis", "walk_near_percent = 60", "walk_near_percent = \"many\"", "is not a number"}));

TEST_F(ConfigTest, RefusesWhatSectionsContradict) {
  EXPECT_FALSE(load({"PACKWALK_STORE_KEEP_FIXES_MONTHS=1"}));
  EXPECT_FALSE(load({"PACKWALK_ARCHIVE_URL=http://a/b"}));
  EXPECT_TRUE(load({"PACKWALK_ARCHIVE_URL=http://a/b", "PACKWALK_STORE_URL=postgresql://a/b"}));
  EXPECT_FALSE(load({"PACKWALK_ARCHIVE_URL=http://a/b", "PACKWALK_STORE_URL=postgresql://a/b",
                     "PACKWALK_STORE_KEEP_MESSAGES_DAYS=1"}));
  EXPECT_TRUE(load({"PACKWALK_MQTT_AUTH_LISTEN=127.0.0.1:1"}));
  EXPECT_FALSE(load({"PACKWALK_MQTT_AUTH_LISTEN=0.0.0.0:1"}));
  EXPECT_TRUE(load({"PACKWALK_MQTT_AUTH_LISTEN=0.0.0.0:1", "PACKWALK_MQTT_AUTH_SECRET=0123456789abcdef"}));
}

TEST_F(ConfigTest, CarriesOverWhatOneSectionSaysToOthers) {
  const auto config = load({"PACKWALK_STORE_URL=postgresql://a/b", "PACKWALK_STORE_KEEP_FIXES_MONTHS=6",
                            "PACKWALK_INGEST_QUEUE_MESSAGES_MAX=12", "PACKWALK_ANALYSIS_PRESET=off-leash",
                            "PACKWALK_ANALYSIS_BRIDGE=40"});
  ASSERT_TRUE(config);
  EXPECT_EQ(6, config->packets.rules.months_kept);
  EXPECT_EQ(12U, config->queue.waiting_messages_max);
  EXPECT_LT(0U, config->http.threads);
  auto wanted = rules_of_preset("off-leash").value();
  ASSERT_TRUE(set_rule(wanted, "bridge", 40));
  EXPECT_EQ(wanted.walks.bridge, config->analysis.rules.walks.bridge);
  EXPECT_EQ(wanted.walks.near_m, config->analysis.rules.walks.near_m);
}

TEST(Settings, HaveOneNameEach) {
  std::vector<std::string> names;
  for (const auto& each : settings()) names.push_back(each.name);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names.end(), std::adjacent_find(names.begin(), names.end()));
  EXPECT_EQ("PACKWALK_HTTP_BODY_BYTES_MAX", variable_of("http.body_bytes_max"));
}

}  // namespace
}  // namespace packwalk
