#include "gc/metrics_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "observability/memory_log.h"

namespace marconi::gc {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class MetricsFileTest : public testing::Test {
 protected:
  MetricsFileTest() {
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  ~MetricsFileTest() override { fs::remove_all(directory_); }

  [[nodiscard]] std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path_).rdbuf();
    return all.str();
  }

  fs::path directory_ = fs::path(testing::TempDir()) / "marconi_gc_metrics" /
                        testing::UnitTest::GetInstance()->current_test_info()->name();
  fs::path path_ = directory_ / "gc.prom";
  observability::MemoryLog log_;
  MetricsFile file_{path_, {log_, "gc"}};
};

TEST_F(MetricsFileTest, counts_add_up_over_passes) {
  file_.on_end({.collected = {.queues = 7, .expired_messages = 3, .completed_posts = 1}});
  file_.on_end({.collected = {.queues = 8, .expired_messages = 4, .failures = 2},
                .ended = 1'900'000'000'250,
                .duration = 1500ms,
                .failure = "the database is away"});
  EXPECT_THAT(text(), HasSubstr("\nmarconi_gc_passes_total 2\n"));
  EXPECT_THAT(text(), HasSubstr("\nmarconi_gc_failed_passes_total 1\n"));
  EXPECT_THAT(text(), HasSubstr("\nmarconi_gc_expired_messages_removed_total 7\n"));
  EXPECT_THAT(text(), HasSubstr("\nmarconi_gc_posts_completed_total 1\n"));
  EXPECT_THAT(text(), HasSubstr("\nmarconi_gc_failures_total 2\n"));
  EXPECT_THAT(text(), HasSubstr("\nmarconi_gc_last_pass_queues 8\n"));
  EXPECT_THAT(text(), HasSubstr("\nmarconi_gc_last_pass_end_timestamp_seconds 1900000000.250\n"));
  EXPECT_THAT(text(), HasSubstr("\nmarconi_gc_last_pass_duration_seconds 1.500\n"));
}

TEST_F(MetricsFileTest, every_count_has_a_help_and_a_type) {
  file_.on_end({});
  std::istringstream lines(text());
  int counts = 0;
  for (std::string help, type, count; std::getline(lines, help); ++counts) {
    ASSERT_TRUE(std::getline(lines, type) && std::getline(lines, count));
    const auto name = count.substr(0, count.find(' '));
    EXPECT_THAT(help, testing::StartsWith("# HELP " + name + " "));
    EXPECT_THAT(type, testing::AnyOf("# TYPE " + name + " counter", "# TYPE " + name + " gauge"));
  }
  EXPECT_EQ(counts, 10);
}

TEST_F(MetricsFileTest, a_reader_of_the_old_file_keeps_it_and_nothing_else_is_left) {
  file_.on_end({});
  std::ifstream reader(path_);
  file_.on_end({});
  std::ostringstream old;
  old << reader.rdbuf();
  EXPECT_THAT(old.str(), HasSubstr("\nmarconi_gc_passes_total 1\n"));
  EXPECT_THAT(text(), HasSubstr("\nmarconi_gc_passes_total 2\n"));
  std::vector<fs::path> files(fs::directory_iterator(directory_), {});
  EXPECT_THAT(files, ElementsAre(path_));
}

TEST_F(MetricsFileTest, a_file_that_cannot_be_written_is_logged) {
  fs::remove_all(directory_);
  file_.on_end({});
  EXPECT_THAT(log_.lines(), Contains(HasSubstr("warning gc: the metrics file cannot be written")));
  EXPECT_THAT(log_.lines(), Contains(HasSubstr("No such file or directory")));
}

}  // namespace
}  // namespace marconi::gc
