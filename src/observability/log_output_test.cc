#include "observability/log_output.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace marconi::observability {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class LogOutputTest : public testing::Test {
 protected:
  LogOutputTest() {
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  ~LogOutputTest() override { fs::remove_all(directory_); }

  [[nodiscard]] fs::path path(const std::string& name) const { return directory_ / name; }

  /// Of a file whose output has ended, so that all is written.
  [[nodiscard]] std::string contents(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path(name)).rdbuf();
    return text.str();
  }

  std::unique_ptr<LogOutput> open(LogOptions options) {
    options.file = path("log").string();
    auto opened = LogOutput::open(std::move(options), clock_);
    EXPECT_TRUE(opened);
    return opened ? std::move(*opened) : nullptr;
  }

  base::ManualClock clock_{0};
  fs::path directory_ =
      fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(LogOutputTest, text_line_has_time_level_and_fields) {
  auto output = open({});
  Logger(*output, "server").info("started", {{"port", 8888}});
  output.reset();
  EXPECT_THAT(contents("log"), MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z info "
                                            "server: started port=8888\n"));
}

TEST_F(LogOutputTest, a_file_whose_last_line_was_torn_goes_on_with_a_new_line) {
  std::ofstream(path("log")) << "whole\ntor";
  auto output = open({});
  Logger(*output, "server").info("started");
  output.reset();
  EXPECT_THAT(contents("log"), MatchesRegex("whole\ntor\n[^\n]* started\n"));
  open({}).reset();
  EXPECT_THAT(contents("log"), MatchesRegex("whole\ntor\n[^\n]* started\n"));
}

TEST_F(LogOutputTest, json_line_is_one_object) {
  auto output = open({.json = true});
  Logger(*output, "server").for_request("req-1").warning("slow {}", {{"ms", 12}});
  output.reset();
  EXPECT_THAT(contents("log"),
              MatchesRegex("\\{\"time\":\"[^\"]*Z\",\"level\":\"warning\",\"room\":\"server\","
                           "\"message\":\"slow \\{\\}\",\"ms\":12,\"request_id\":\"req-1\"\\}\n"));
}

TEST_F(LogOutputTest, debug_lines_appear_only_if_asked_for) {
  {
    auto output = open({});
    Logger(*output, "room").debug("hidden");
  }
  auto output = open({.debug = true});
  Logger(*output, "room").debug("shown");
  output.reset();
  EXPECT_THAT(contents("log"), HasSubstr("debug room: shown"));
  EXPECT_THAT(contents("log"), Not(HasSubstr("hidden")));
}

TEST_F(LogOutputTest, reopen_follows_a_rotation) {
  auto output = open({});
  const Logger logger(*output, "room");
  logger.info("before");
  fs::rename(path("log"), path("log.1"));
  ASSERT_TRUE(output->reopen());
  logger.info("after");
  output.reset();
  EXPECT_THAT(contents("log.1"), HasSubstr("before"));
  EXPECT_THAT(contents("log.1"), Not(HasSubstr("after")));
  EXPECT_THAT(contents("log"), HasSubstr("after"));
}

TEST_F(LogOutputTest, failed_reopen_keeps_the_old_file) {
  auto output = open({});
  const Logger logger(*output, "room");
  logger.info("before");
  fs::rename(path("log"), path("log.1"));
  fs::create_directories(path("log"));
  const auto reopened = output->reopen();
  ASSERT_FALSE(reopened);
  EXPECT_THAT(reopened.error().description, HasSubstr(path("log").string()));
  logger.info("after");
  output.reset();
  EXPECT_THAT(contents("log.1"), HasSubstr("after"));
}

TEST_F(LogOutputTest, a_file_that_cannot_be_opened_is_an_error) {
  const auto opened = LogOutput::open({.file = path("").string()}, clock_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, base::ErrorKind::invalid);
}

TEST_F(LogOutputTest, says_how_many_lines_a_stalled_reader_has_cost) {
  ASSERT_EQ(::mkfifo(path("log").c_str(), 0600), 0);
  const int reader = ::open(path("log").c_str(), O_RDONLY | O_NONBLOCK);
  const auto output = open({});
  const Logger logger(*output, "room");
  const std::string filler(2000, 'x');
  for (std::size_t bytes = 0; bytes < 2 * LogOutput::kMaxWaitingBytes; bytes += filler.size()) {
    logger.info("line", {{"filler", filler}});
  }
  std::string read;
  std::string buffer(1 << 20, ' ');
  while (!read.contains("warning log: lines were lost lines=")) {
    const ssize_t count = ::read(reader, buffer.data(), buffer.size());
    if (count > 0) read.append(buffer, 0, static_cast<std::size_t>(count));
    logger.info("go on");
  }
  ::close(reader);
}

TEST_F(LogOutputTest, repeated_warnings_are_limited_and_counted) {
  auto output = open({});
  const Logger logger(*output, "room");
  for (int i = 0; i < 100; ++i) logger.warning("disk is full");
  clock_.advance(std::chrono::seconds(60));
  logger.warning("disk is full");
  output.reset();
  const auto text = contents("log");
  EXPECT_LT(std::ranges::count(text, '\n'), 50);
  EXPECT_THAT(text, HasSubstr("disk is full suppressed=80"));
}

}  // namespace
}  // namespace marconi::observability
