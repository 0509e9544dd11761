#include "config/documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "config/configuration.h"
#include "config/rules.h"

namespace marconi::config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Configuration load_text(const OptionTable& table, const std::string& text) {
  const auto path = std::filesystem::path(testing::TempDir()) / "marconi_documents_test.conf";
  std::ofstream(path) << text;
  Sources sources;
  sources.files = {path.string()};
  auto loaded = Configuration::load(table, sources);
  EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().description);
  std::filesystem::remove(path);
  return loaded ? std::move(*loaded) : *Configuration::load(table, {});
}

/// The sample with every option that has a default written out.
std::string uncommented(const std::string& sample) {
  std::string out;
  for (std::size_t start = 0; start < sample.size();) {
    const auto end = sample.find('\n', start);
    auto line = sample.substr(start, end - start);
    const bool is_option = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    if (is_option && line.find("<unset>") == line.npos) line.erase(0, 1);
    out += line + '\n';
    start = end + 1;
  }
  return out;
}

TEST(Documents, sample_reads_as_the_defaults) {
  const auto table = OptionTable::standard();
  const auto sample = sample_configuration(table);
  for (const auto& text : {sample, uncommented(sample)}) {
    const auto configuration = load_text(table, text);
    EXPECT_THAT(configuration.warnings(), IsEmpty());
    EXPECT_THAT(changed_settings(configuration), IsEmpty());
    EXPECT_TRUE(refuse_unsupported(configuration));
  }
  EXPECT_THAT(uncommented(sample), HasSubstr("\nmax_message_ttl = 1209600\n"));
}

TEST(Documents, sample_shows_what_is_obeyed_only) {
  const auto sample = sample_configuration(OptionTable::standard());
  EXPECT_THAT(sample, HasSubstr("\n[drivers:transport:wsgi]\n"));
  EXPECT_THAT(sample, HasSubstr("\n#port = 8888\n"));
  EXPECT_THAT(sample, Not(HasSubstr("redis")));
  EXPECT_THAT(sample, Not(HasSubstr("faulty")));
}

TEST(Documents, reference_names_every_option) {
  const auto table = OptionTable::standard();
  const auto reference = option_reference(table);
  for (const auto& option : table.options()) {
    EXPECT_THAT(reference, HasSubstr(std::string(option.name)));
    EXPECT_THAT(reference, HasSubstr("[" + std::string(option.group)));
  }
}

std::string committed(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(MARCONI_SOURCE_DIR) + "/" + name).rdbuf();
  return text.str();
}

TEST(Documents, committed_files_are_what_the_table_says) {
  const auto table = OptionTable::standard();
  EXPECT_EQ(committed("conf/marconi.conf.sample"), sample_configuration(table))
      << "write it anew: marconi-server --print-sample-config > conf/marconi.conf.sample";
  EXPECT_EQ(committed("docs/reference/options.md"), option_reference(table))
      << "write it anew: marconi-server --print-option-reference > docs/reference/options.md";
}

TEST(Documents, every_default_satisfies_its_own_option) {
  for (const auto& option : OptionTable::standard().options()) {
    if (!option.default_text) continue;
    const auto value = parse_value(option, *option.default_text);
    EXPECT_TRUE(value) << option.group << "." << option.name;
    EXPECT_FALSE(option.effect.empty()) << option.group << "." << option.name;
  }
}

}  // namespace
}  // namespace marconi::config
