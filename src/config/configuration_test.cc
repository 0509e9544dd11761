#include "config/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "config/rules.h"

namespace marconi::config {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ConfigurationTest : public testing::Test {
 protected:
  ConfigurationTest() {
    fs::remove_all(root_);
    fs::create_directories(root_ / "home");
    sources_.home = root_ / "home";
    sources_.root = root_;
  }
  ~ConfigurationTest() override { fs::remove_all(root_); }

  /// Writes a file below the root; returns its path.
  std::string write(const std::string& name, std::string_view text) {
    const auto path = root_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }

  /// Makes `text` the one file to read.
  void given(std::string_view text) { sources_.files = {write("m.conf", text)}; }

  Configuration load() {
    auto loaded = Configuration::load(table_, sources_);
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().description);
    return loaded ? std::move(*loaded) : *Configuration::load(table_, {});
  }

  std::string load_error() {
    const auto loaded = Configuration::load(table_, sources_);
    return loaded ? "no error" : loaded.error().description;
  }

  std::string refusal() {
    const auto refused = refuse_unsupported(load());
    return refused ? "not refused" : refused.error().description;
  }

  /// `text` with the root cut out of all paths.
  [[nodiscard]] std::string below_root(std::string text) const {
    const auto prefix = root_.string() + "/";
    for (auto at = text.find(prefix); at != text.npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

  OptionTable table_ = OptionTable::standard();
  Sources sources_;
  fs::path root_ = fs::path(testing::TempDir()) / "marconi_configuration_test" /
                   testing::UnitTest::GetInstance()->current_test_info()->name();
};

// ---- sources ------------------------------------------------------------------------------

TEST_F(ConfigurationTest, without_sources_everything_has_its_default) {
  const auto configuration = load();
  EXPECT_THAT(configuration.files(), IsEmpty());
  EXPECT_THAT(configuration.warnings(), IsEmpty());
  EXPECT_THAT(changed_settings(configuration), IsEmpty());
  EXPECT_EQ(configuration.integer("transport", "max_message_ttl"), 1209600);
  EXPECT_EQ(configuration.text("drivers", "message_store"), "embedded");
  EXPECT_EQ(configuration.port("drivers:transport:wsgi", "port"), 8888);
  EXPECT_THAT(configuration.list("DEFAULT", "enable_deprecated_api_versions"),
              ElementsAre("1", "1.1"));
  EXPECT_EQ(configuration.text("DEFAULT", "log_file"), "");
}

TEST_F(ConfigurationTest, files_are_searched_under_marconi_names_first) {
  write("etc/zaqar/zaqar.conf", "[drivers:transport:wsgi]\nport = 1\n");
  EXPECT_EQ(load().port("drivers:transport:wsgi", "port"), 1);
  write("etc/marconi.conf", "[drivers:transport:wsgi]\nport = 2\n");
  EXPECT_EQ(load().port("drivers:transport:wsgi", "port"), 2);
  write("etc/marconi/marconi.conf", "[drivers:transport:wsgi]\nport = 3\n");
  EXPECT_EQ(load().port("drivers:transport:wsgi", "port"), 3);
  write("home/.marconi/marconi.conf", "[drivers:transport:wsgi]\nport = 4\n");
  EXPECT_EQ(load().port("drivers:transport:wsgi", "port"), 4);
  EXPECT_THAT(load().files(), ElementsAre((root_ / "home/.marconi/marconi.conf").string()));
}

TEST_F(ConfigurationTest, program_file_and_directories_override_the_main_file) {
  write("etc/marconi/marconi.conf",
        "[server]\nretry_after = 1\nidle_timeout = 1\nbody_timeout = 1\n");
  write("etc/marconi/marconi-server.conf", "[server]\nidle_timeout = 2\nbody_timeout = 2\n");
  write("etc/marconi/marconi.conf.d/20.conf", "[server]\nbody_timeout = 4\n");
  write("etc/marconi/marconi.conf.d/10.conf", "[server]\nbody_timeout = 3\n");
  write("etc/marconi/marconi.conf.d/30.conf.bak", "[server]\nbody_timeout = 5\n");
  const auto configuration = load();
  EXPECT_EQ(configuration.integer("server", "retry_after"), 1);
  EXPECT_EQ(configuration.integer("server", "idle_timeout"), 2);
  EXPECT_EQ(configuration.integer("server", "body_timeout"), 4);
}

TEST_F(ConfigurationTest, explicit_files_replace_the_search_and_the_later_wins) {
  write("etc/marconi.conf", "[server]\nretry_after = 9\n");
  sources_.files = {write("a", "[server]\nidle_timeout = 1\nbody_timeout = 1\n"),
                    write("b", "[server]\nbody_timeout = 2\n")};
  sources_.directories = {
      fs::path(write("d/x.conf", "[server]\nwrite_timeout = 3\n")).parent_path()};
  const auto configuration = load();
  EXPECT_EQ(configuration.integer("server", "retry_after"), 5);
  EXPECT_EQ(configuration.integer("server", "idle_timeout"), 1);
  EXPECT_EQ(configuration.integer("server", "body_timeout"), 2);
  EXPECT_EQ(configuration.integer("server", "write_timeout"), 3);
}

TEST_F(ConfigurationTest, unreadable_explicit_sources_stop_the_start) {
  sources_.files = {(root_ / "missing.conf").string()};
  EXPECT_EQ(below_root(load_error()), "missing.conf: cannot be read");
  sources_.files = {root_.string()};
  EXPECT_THAT(load_error(), HasSubstr("is a directory"));
  sources_.files.clear();
  sources_.directories = {(root_ / "missing.d").string()};
  EXPECT_THAT(load_error(), HasSubstr("missing.d"));
}

TEST_F(ConfigurationTest, command_line_beats_environment_beats_file_beats_default) {
  const auto port = [this] { return load().port("drivers:transport:wsgi", "port"); };
  EXPECT_EQ(port(), 8888);
  given("[drivers:transport:wsgi]\nport = 1\n");
  EXPECT_EQ(port(), 1);
  sources_.environment = {{"OS_DRIVERS_TRANSPORT_WSGI__PORT", "2"}};
  EXPECT_EQ(port(), 2);
  sources_.options = {"drivers:transport:wsgi.port=3"};
  EXPECT_EQ(port(), 3);
  sources_.switches = {{"drivers:transport:wsgi", "port", "4", {"--port", 0}}};
  EXPECT_EQ(port(), 4);
}

TEST_F(ConfigurationTest, environment_names) {
  sources_.environment = {
      {"OS_DEFAULT__DEBUG", "true"},
      {"OS_DRIVERS:MESSAGE_STORE:EMBEDDED__PATH", "/a"},
      {"OS_DRIVERS_TRANSPORT_WEBSOCKET__EXTERNAL_PORT", "5"},
      {"OS_TRANSPORT__MAX_MESAGE_TTL", "1"},
      {"OS_AUTH_URL", "http://keystone"},
      {"OS_OTHER__THING", "x"},
  };
  const auto configuration = load();
  EXPECT_TRUE(configuration.boolean("DEFAULT", "debug"));
  EXPECT_EQ(configuration.text("drivers:message_store:embedded", "path"), "/a");
  EXPECT_EQ(configuration.port("drivers:transport:websocket", "external-port"), 5);
  EXPECT_THAT(configuration.warnings(),
              ElementsAre("OS_TRANSPORT__MAX_MESAGE_TTL: unknown option, ignored"));
}

TEST_F(ConfigurationTest, option_is_split_at_the_last_dot_before_the_first_equals) {
  sources_.options = {"drivers:message_store:embedded.path=./data/x.y=z", "DEFAULT.debug = yes"};
  const auto configuration = load();
  EXPECT_EQ(configuration.text("drivers:message_store:embedded", "path"), "./data/x.y=z");
  EXPECT_TRUE(configuration.boolean("DEFAULT", "debug"));
}

TEST_F(ConfigurationTest, malformed_or_unknown_option_on_the_command_line_stops_the_start) {
  for (const auto* text : {"debug=true", "DEFAULT.debug", ".debug=1", "DEFAULT.=1", ""}) {
    sources_.options = {text};
    EXPECT_THAT(load_error(), HasSubstr("expected GROUP.NAME=VALUE")) << text;
  }
  sources_.options = {"signed_url.sekret=hunter2"};
  EXPECT_EQ(load_error(), "--option signed_url.sekret: no such option");
}

// ---- names --------------------------------------------------------------------------------

TEST_F(ConfigurationTest, unknown_names_are_warned_of_with_file_and_line) {
  given("[transport]\nmax_mesage_ttl = 5\n[nonsense]\na = 1\nb = 2\n[nonsense]\nc = 3\n");
  std::vector<std::string> warnings;
  for (const auto& warning : load().warnings()) warnings.push_back(below_root(warning));
  EXPECT_THAT(warnings, testing::UnorderedElementsAre(
                            "m.conf:2: unknown option max_mesage_ttl in [transport], ignored",
                            "m.conf:3: unknown group [nonsense], ignored"));
}

TEST_F(ConfigurationTest, deprecated_names_work_and_are_warned_of) {
  given(
      "[limits:transport]\nmessage_ttl_max = 77\n"
      "[transport]\nmax_messages_per_claim = 7\nmax_message_size = 99\n");
  const auto configuration = load();
  EXPECT_EQ(configuration.integer("transport", "max_message_ttl"), 77);
  EXPECT_EQ(configuration.integer("transport", "max_messages_per_claim_or_pop"), 7);
  EXPECT_EQ(configuration.integer("transport", "max_messages_post_size"), 99);
  ASSERT_EQ(configuration.warnings().size(), 3U);
  EXPECT_EQ(below_root(configuration.warnings()[0]),
            "m.conf:2: [limits:transport] message_ttl_max is deprecated, write [transport] "
            "max_message_ttl");
}

TEST_F(ConfigurationTest, own_name_beats_an_alias_whatever_the_order) {
  given("[transport]\nmax_messages_post_size = 1000\nmax_message_size = 2000\n");
  EXPECT_EQ(load().integer("transport", "max_messages_post_size"), 1000);
  sources_.options = {"transport.max_message_size=3000"};
  EXPECT_EQ(load().integer("transport", "max_messages_post_size"), 3000);
}

TEST_F(ConfigurationTest, the_embedded_store_may_be_configured_under_either_role) {
  given("[drivers:management_store:embedded]\npath = /a\n");
  const auto configuration = load();
  EXPECT_EQ(configuration.text("drivers:message_store:embedded", "path"), "/a");
  EXPECT_THAT(configuration.warnings(), IsEmpty());
}

// ---- values -------------------------------------------------------------------------------

TEST_F(ConfigurationTest, wrong_values_stop_the_start_with_file_and_line) {
  given("[DEFAULT]\n\ndebug = maybe\n");
  EXPECT_EQ(below_root(load_error()),
            "m.conf:3: [DEFAULT] debug: 'maybe' where true or false is expected");
  given("[transport]\nmax_messages_per_page = 0\n");
  EXPECT_EQ(below_root(load_error()),
            "m.conf:2: [transport] max_messages_per_page: '0' where a whole number from 1 to "
            "1000000 is expected");
  given("[limits:transport]\nclaim_ttl_max = x\n");
  EXPECT_THAT(load_error(), HasSubstr(":2: [limits:transport] claim_ttl_max: 'x'"));
  given("[drivers]\nmessage_store = mysql\n");
  EXPECT_THAT(load_error(), HasSubstr("'mysql' where one of 'embedded', "));
  given("[DEFAULT]\nauth_strategy = ldap\n");
  EXPECT_THAT(load_error(), HasSubstr(":2: [DEFAULT] auth_strategy: 'ldap'"));
  given("");
  sources_.environment = {{"OS_DEFAULT__DEBUG", "maybe"}};
  EXPECT_THAT(load_error(), HasSubstr("OS_DEFAULT__DEBUG: [DEFAULT] debug"));
}

TEST_F(ConfigurationTest, syntax_errors_stop_the_start_with_file_and_line) {
  given("[DEFAULT]\nnonsense\n");
  EXPECT_EQ(below_root(load_error()), "m.conf:2: expected 'name = value'");
}

TEST_F(ConfigurationTest, sync_modes) {
  const auto sync = [this](const std::string& mode) {
    given("[drivers:message_store:embedded]\nsync = " + mode + "\n");
    return Configuration::load(table_, sources_).has_value();
  };
  for (const auto* mode : {"always", "never", "interval:1", "interval:3600000"}) {
    EXPECT_TRUE(sync(mode)) << mode;
  }
  for (const auto* mode : {"", "sometimes", "interval", "interval:", "interval:0", "interval:5ms",
                           "interval:3600001", "interval:-1"}) {
    EXPECT_FALSE(sync(mode)) << mode;
  }
}

TEST_F(ConfigurationTest, references_are_substituted) {
  given(
      "[DEFAULT]\nlog_dir = /var/log\nlog_file = ${log_dir}/m-$use_json.log\n"
      "[drivers:message_store:embedded]\n"
      "path = $log_dir/${drivers:transport:wsgi.port}/$$x/\\$y/100$\n");
  const auto configuration = load();
  EXPECT_EQ(configuration.text("DEFAULT", "log_file"), "/var/log/m-false.log");
  EXPECT_EQ(configuration.text("drivers:message_store:embedded", "path"),
            "/var/log/8888/$x/$y/100$");
}

TEST_F(ConfigurationTest, references_see_values_of_stronger_sources) {
  given("[DEFAULT]\nlog_dir = /a\nlog_file = $log_dir/x\n");
  sources_.options = {"DEFAULT.log_dir=/b"};
  EXPECT_EQ(load().text("DEFAULT", "log_file"), "/b/x");
}

TEST_F(ConfigurationTest, bad_references_stop_the_start) {
  given("[DEFAULT]\nlog_file = x$log_dir\nlog_dir = ${DEFAULT.log_file}\n");
  EXPECT_THAT(load_error(), HasSubstr("refers to itself"));
  given("[DEFAULT]\n\nlog_file = pa$word\n");
  EXPECT_THAT(below_root(load_error()), HasSubstr("m.conf:3: [DEFAULT] log_file: a '$' before"));
  EXPECT_THAT(load_error(), Not(HasSubstr("word")));
}

TEST_F(ConfigurationTest, a_chain_of_doubled_references_has_an_end) {
  const std::vector<std::string> names = {"uri", "database", "ssl_keyfile", "ssl_certfile",
                                          "ssl_ca_certs"};
  std::string before = "DEFAULT.log_dir";
  std::string text = "[DEFAULT]\nlog_dir =\n";
  for (const std::string group : {"message_store:mongodb", "management_store:mongodb"}) {
    text += "[drivers:" + group + "]\n";
    for (const auto& name : names) {
      text += name + " = ";
      for (int i = 0; i < 10; ++i) text += "${" + before + "}";
      text += "\n";
      before = "drivers:" + group + "." + name;
    }
  }
  given(text);
  EXPECT_THAT(load_error(), HasSubstr("too many references"));
}

// ---- secrets ------------------------------------------------------------------------------

TEST_F(ConfigurationTest, secrets_are_masked_wherever_settings_are_shown) {
  given(
      "[signed_url]\nsecret_key = hunter2\n"
      "[drivers]\nmessage_store = redis\n"
      "[drivers:message_store:redis]\nuri = redis://:hunter2@host\n"
      "[DEFAULT]\nlog_file = /x/${signed_url.secret_key}\n");
  const auto configuration = load();
  const auto lines = changed_settings(configuration);
  EXPECT_EQ(lines.size(), 4U);
  for (const auto& line : lines) EXPECT_THAT(line, Not(HasSubstr("hunter2")));
  EXPECT_TRUE(std::ranges::any_of(lines, [](const auto& line) {
    return line.starts_with("[signed_url] secret_key = ***  (");
  }));
  EXPECT_THAT(refusal(), Not(HasSubstr("hunter2")));
}

TEST_F(ConfigurationTest, changed_settings_name_value_and_place) {
  given("[DEFAULT]\ndebug = on\nuse_json = false\n");
  std::vector<std::string> lines;
  for (const auto& line : changed_settings(load())) lines.push_back(below_root(line));
  EXPECT_THAT(lines, ElementsAre("[DEFAULT] debug = true  (m.conf:2)"));
}

// ---- what this build does not have ---------------------------------------------------------

struct RefusalCase {
  const char* text;
  const char* named;  // in the refusal
};

class RefusalTest : public ConfigurationTest, public testing::WithParamInterface<RefusalCase> {};

TEST_P(RefusalTest, stops_the_start_naming_the_option) {
  given(GetParam().text);
  EXPECT_THAT(below_root(refusal()), HasSubstr(GetParam().named));
  EXPECT_EQ(std::ranges::count(refusal(), '\n'), 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusalTest,
    testing::Values(
        RefusalCase{"[DEFAULT]\nauth_strategy = keystone\n",
                    "m.conf:2: [DEFAULT] auth_strategy = keystone is not supported"},
        RefusalCase{"[DEFAULT]\npooling = true\n", "m.conf:2: [DEFAULT] pooling = true"},
        RefusalCase{"[DEFAULT]\nsharding = true\n", "m.conf:2: [DEFAULT] pooling = true"},
        RefusalCase{"[drivers]\ntransport = websocket\n", "[drivers] transport = websocket"},
        RefusalCase{"[drivers]\nmessage_store = mongodb\n",
                    "[drivers:message_store:mongodb] uri is not set"},
        RefusalCase{"[drivers]\nmessage_store = mongodb.fifo\n"
                    "[drivers:message_store:mongodb]\nuri = mongodb://h\n",
                    "[drivers:management_store:mongodb] uri is not set"},
        RefusalCase{"[drivers]\nmessage_store = mongodb\nmanagement_store = embedded\n",
                    "m.conf:3: [drivers] management_store = embedded: one store serves both"},
        RefusalCase{"[drivers]\nmessage_store = embedded\nmanagement_store = mongodb\n",
                    "m.conf:3: [drivers] management_store = mongodb: one store serves both"},
        RefusalCase{"[drivers]\nstorage = redis\n", "[drivers] message_store = redis"},
        RefusalCase{"[drivers]\nmessage_store = swift\n", "[drivers] message_store = swift"},
        RefusalCase{"[drivers]\nmanagement_store = sqlalchemy\n", "management_store = sqlalchemy"},
        RefusalCase{"[drivers]\nmessage_store = embedded\nmanagement_store = memory\n",
                    "m.conf:3: [drivers] management_store = memory: one store serves both"},
        RefusalCase{"[drivers:message_store:mongodb]\nuri = mongodb://h\n",
                    "add 'message_store = mongodb' to [drivers]"},
        RefusalCase{"[drivers:storage:redis]\nuri = redis://h\n",
                    "m.conf:2: [drivers:message_store:redis] uri is given, but no driver is named"},
        RefusalCase{"[drivers:management_store:sqlalchemy]\nuri = sqlite://\n",
                    "add 'management_store = sqlalchemy' to [drivers]"},
        RefusalCase{"[storage]\nqueue_pipeline = a\n", "[storage] queue_pipeline"},
        RefusalCase{"[storage]\nclaim_pipeline = a\n", "[storage] claim_pipeline"},
        RefusalCase{"[storage]\nsubscription_pipeline = a\n", "[storage] subscription_pipeline"},
        RefusalCase{"[storage]\ntopic_pipeline = a\n", "[storage] topic_pipeline"},
        RefusalCase{"[storage]\nmessage_pipeline = zaqar.notification.notifier\n",
                    "m.conf:2: [storage] message_pipeline = zaqar.notification.notifier"},
        RefusalCase{"[transport]\nmessage_encryption_key = k\n",
                    "[transport] message_encryption_key = *** is not supported"},
        RefusalCase{"[transport]\nmessage_encryption_algorithms = RSA\n",
                    "[transport] message_encryption_algorithms = RSA"},
        RefusalCase{"[cors.other]\nallowed_origin = http://a\n", "m.conf:2: [cors.other]"},
        RefusalCase{"[oslo_policy]\npolicy_file = /etc/p.yaml\n", "[oslo_policy] policy_file"}),
    [](const auto& info) { return "case_" + std::to_string(info.index); });

TEST_F(ConfigurationTest, defaults_written_out_are_not_refused) {
  given(
      "[DEFAULT]\npooling = false\nauth_strategy =\n"
      "[drivers]\ntransport = wsgi\nmessage_store = embedded\n"
      "[drivers:message_store:mongodb]\nuri = mongodb://h\n"
      "[storage]\nmessage_pipeline =\n"
      "[transport]\nmessage_encryption_algorithms = AES256\nmessage_encryption_key = AES256\n");
  EXPECT_EQ(refusal(), "not refused");
}

TEST_F(ConfigurationTest, access_rules_beside_the_configuration_stop_the_start) {
  write("policy.yaml", "# only comments\n---\n\n  # more\n{}\n");
  given("");
  EXPECT_EQ(refusal(), "not refused");
  write("policy.yaml", "# rules\n\"queues:purge\": \"role:admin\"\n");
  EXPECT_EQ(below_root(refusal()), "policy.yaml: access rules are not supported by this build");
  fs::remove(root_ / "policy.yaml");
  write("policy.d/a.json", "{\"queues:get\": \"!\"}");
  EXPECT_EQ(below_root(refusal()), "policy.d/a.json: access rules are not supported by this build");
}

TEST_F(ConfigurationTest, one_named_driver_is_enough) {
  given("[drivers]\nmanagement_store = memory\n");
  EXPECT_EQ(refusal(), "not refused");
  EXPECT_EQ(store_driver(load()), "memory");
  given("[drivers]\nmessage_store = faulty\n");
  EXPECT_EQ(store_driver(load()), "faulty");
  given("");
  EXPECT_EQ(store_driver(load()), "embedded");
}

TEST_F(ConfigurationTest, both_flavours_of_mongodb_keep_queues_in_mongodb) {
  const std::string uris = "[drivers:storage:mongodb]\nuri = mongodb://h\n[drivers]\n";
  for (const std::string drivers : {"message_store = mongodb.fifo\nmanagement_store = mongodb\n",
                                    "message_store = mongodb.fifo\n",
                                    "message_store = mongodb\nmanagement_store = mongodb\n"}) {
    given(uris + drivers);
    EXPECT_EQ(refusal(), "not refused") << drivers;
    EXPECT_THAT(drivers, HasSubstr("message_store = " + store_driver(load()) + "\n"));
  }
}

TEST_F(ConfigurationTest, the_old_group_of_both_stores_speaks_for_each_that_says_nothing_itself) {
  given(
      "[drivers:storage:mongodb]\nuri = mongodb://old\npartitions = 4\n"
      "[drivers:management_store:mongodb]\nuri = mongodb://new\n");
  const auto configuration = load();
  EXPECT_EQ(configuration.text("drivers:message_store:mongodb", "uri"), "mongodb://old");
  EXPECT_EQ(configuration.text("drivers:management_store:mongodb", "uri"), "mongodb://new");
  EXPECT_EQ(configuration.integer("drivers:message_store:mongodb", "partitions"), 4);
  std::vector<std::string> warnings;
  for (const auto& line : configuration.warnings()) warnings.push_back(below_root(line));
  EXPECT_THAT(warnings,
              ElementsAre("m.conf:2: [drivers:storage:mongodb] uri is deprecated, write "
                          "[drivers:message_store:mongodb] uri and "
                          "[drivers:management_store:mongodb] uri",
                          "m.conf:3: [drivers:storage:mongodb] partitions is deprecated, write "
                          "[drivers:message_store:mongodb] partitions"));
}

TEST_F(ConfigurationTest, options_without_effect_are_told_once_for_each_group) {
  given(
      "[keystone_authtoken]\nauth_url = http://k\npassword = hunter2\n"
      "[notification]\nsmtp_mode = third_part\nmax_notifier_workers = 3\n");
  const auto configuration = load();
  EXPECT_THAT(configuration.warnings(), IsEmpty());
  std::vector<std::string> lines;
  for (const auto& line : effectless_options(configuration)) lines.push_back(below_root(line));
  EXPECT_THAT(lines,
              ElementsAre("m.conf:2: [keystone_authtoken] has options without effect in this "
                          "build: auth_url, password",
                          "m.conf:6: [notification] has options without effect in this build: "
                          "max_notifier_workers"));
}

}  // namespace
}  // namespace marconi::config
