#include "server/composition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/option_table.h"
#include "observability/memory_log.h"

namespace marconi::server {
namespace {

using testing::Contains;
using testing::HasSubstr;

class CompositionTest : public testing::Test {
 protected:
  config::Configuration with(std::vector<std::string> options) {
    config::Sources sources;
    sources.root = "/nonexistent";
    sources.options = {"drivers:transport:wsgi.port=0", "drivers.message_store=memory"};
    for (auto& option : options) sources.options.push_back(std::move(option));
    auto loaded = config::Configuration::load(table_, sources);
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().description);
    return std::move(*loaded);
  }

  config::OptionTable table_ = config::OptionTable::standard();
  base::SystemClock clock_;
  observability::MemoryLog log_;
};

TEST_F(CompositionTest, says_where_it_listens_and_that_nobody_is_authenticated) {
  const auto configuration = with({});
  auto composition = Composition::start(configuration, clock_, log_);
  ASSERT_TRUE(composition) << composition.error().description;
  EXPECT_THAT((*composition)->url(), testing::MatchesRegex("http://127\\.0\\.0\\.1:[1-9][0-9]*"));
  EXPECT_THAT(log_.lines(), Contains("info server: listening on " + (*composition)->url()));
  EXPECT_THAT(log_.lines(), Contains(HasSubstr("callers are not authenticated")));
  (*composition)->stop();
}

TEST_F(CompositionTest, an_address_that_cannot_be_used_is_an_error) {
  const auto configuration = with({"drivers:transport:wsgi.bind=192.0.2.1"});
  const auto composition = Composition::start(configuration, clock_, log_);
  ASSERT_FALSE(composition);
  EXPECT_THAT(composition.error().description, HasSubstr("192.0.2.1"));
}

TEST_F(CompositionTest, a_store_that_cannot_be_opened_is_an_error) {
  const auto configuration = with(
      {"drivers.message_store=embedded", "drivers:message_store:embedded.path=/dev/null/store"});
  const auto composition = Composition::start(configuration, clock_, log_);
  ASSERT_FALSE(composition);
  EXPECT_THAT(composition.error().description, HasSubstr("/dev/null/store"));
}

}  // namespace
}  // namespace marconi::server
