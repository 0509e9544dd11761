#include "observability/line_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>

namespace marconi::observability {
namespace {

constexpr std::size_t kMaxBytes = 1024 * 1024;

class LineWriterTest : public testing::Test {
 protected:
  LineWriterTest() {
    EXPECT_EQ(::pipe(ends_.data()), 0);
    writer_ = std::make_unique<LineWriter>(ends_[1], LineWriter::Ownership::owned, kMaxBytes);
  }
  ~LineWriterTest() override {
    writer_.reset();
    if (ends_[0] >= 0) ::close(ends_[0]);
  }

  /// What the writer's thread has written, up to a line or the end.
  std::string read_until(std::string_view line) {
    std::string text;
    std::array<char, 4096> buffer;
    while (line.empty() || !text.ends_with(line)) {
      const ssize_t count = ::read(ends_[0], buffer.data(), buffer.size());
      if (count <= 0) break;
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text;
  }

  void end_reader() {
    ::close(ends_[0]);
    ends_[0] = -1;
  }

  std::array<int, 2> ends_{};
  std::unique_ptr<LineWriter> writer_;
};

TEST_F(LineWriterTest, writes_lines_in_order) {
  std::string all;
  for (int i = 0; i < 5000; ++i) {
    const std::string line = std::to_string(i) + "\n";
    writer_->append(line);
    all += line;
  }
  EXPECT_EQ(read_until("4999\n"), all);
  EXPECT_EQ(writer_->take_lost(), 0);
}

TEST_F(LineWriterTest, writes_what_is_left_at_the_end) {
  writer_->append("last\n");
  writer_.reset();
  EXPECT_EQ(read_until({}), "last\n");
}

TEST_F(LineWriterTest, a_line_longer_than_a_pipe_takes_at_once_arrives_whole) {
  const std::string line = std::string(100'000, 'x') + "\n";
  writer_->append(line);
  EXPECT_EQ(read_until(line.substr(line.size() - 10)).size(), line.size());
}

TEST_F(LineWriterTest, nobody_waits_for_a_stalled_reader_and_what_is_lost_is_counted) {
  const std::string line = std::string(999, 'x') + "\n";
  constexpr std::uint64_t kLines = 3 * kMaxBytes / 1000;
  for (std::uint64_t i = 0; i < kLines; ++i) writer_->append(line);
  const std::uint64_t lost = writer_->take_lost();
  EXPECT_GT(lost, kLines / 2);
  EXPECT_EQ(writer_->take_lost(), 0);
  std::uint64_t read = 0;
  while (read < (kLines - lost) * line.size()) read += read_until(line).size();
  EXPECT_EQ(read, (kLines - lost) * line.size());
  writer_->append("goes on\n");
  EXPECT_EQ(read_until("goes on\n"), "goes on\n");
}

TEST_F(LineWriterTest, the_end_does_not_wait_for_a_stalled_reader) {
  for (int i = 0; i < 300; ++i) writer_->append(std::string(999, 'x') + "\n");
  writer_.reset();  // would hang
  EXPECT_GT(read_until({}).size(), 0);
}

TEST_F(LineWriterTest, the_end_does_not_wait_long_for_a_slow_reader) {
  for (int i = 0; i < 500; ++i) writer_->append(std::string(999, 'x') + "\n");
  std::atomic<bool> ended = false;
  std::thread reader([&] {
    std::array<char, 4096> page;
    while (!ended && ::read(ends_[0], page.data(), page.size()) > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  const auto begun = std::chrono::steady_clock::now();
  writer_.reset();
  const auto took = std::chrono::steady_clock::now() - begun;
  ended = true;
  reader.join();
  EXPECT_LT(took, std::chrono::seconds(6));  // all of it would take ten
}

/// A file that may not grow beyond some bytes, until it may.
class FullFileTest : public testing::Test {
 protected:
  FullFileTest() {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    std::filesystem::remove(path_);
  }
  ~FullFileTest() override {
    limit(before_.rlim_cur);
    std::filesystem::remove(path_);
  }

  void limit(rlim_t bytes) {
    const rlimit wanted{bytes, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &wanted), 0);
  }

  [[nodiscard]] std::unique_ptr<LineWriter> writer() const {
    const int descriptor = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT, 0600);
    return std::make_unique<LineWriter>(descriptor, LineWriter::Ownership::owned, kMaxBytes);
  }

  /// Waits until lines have been lost, and says how many.
  static std::uint64_t lost(LineWriter& writer) {
    std::uint64_t lines = 0;
    while (lines == 0) lines = writer.take_lost();
    return lines;
  }

  [[nodiscard]] std::string content() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  /// Not that of another run at the same time.
  const std::filesystem::path path_ =
      testing::TempDir() + "line_writer_test." + std::to_string(::getpid()) + ".log";
  rlimit before_{};
};

TEST_F(FullFileTest, a_line_that_did_not_fit_does_not_spoil_the_next) {
  const auto writer = this->writer();
  limit(15);
  writer->append("whole\n0123456789\n", 2);
  EXPECT_EQ(lost(*writer), 1U);
  writer->append("nor this\n");
  EXPECT_EQ(lost(*writer), 1U);
  limit(before_.rlim_cur);
  writer->append("goes on\n");
  while (!content().ends_with("goes on\n")) std::this_thread::yield();
  EXPECT_EQ(content(), "whole\n012345678\ngoes on\n");
}

TEST_F(FullFileTest, lines_that_did_not_fit_leave_nothing_where_none_was_begun) {
  const auto writer = this->writer();
  limit(6);
  writer->append("whole\n");
  while (content().empty()) std::this_thread::yield();
  writer->append("too much\n");
  EXPECT_EQ(lost(*writer), 1U);
  limit(before_.rlim_cur);
  writer->append("goes on\n");
  while (!content().ends_with("goes on\n")) std::this_thread::yield();
  EXPECT_EQ(content(), "whole\ngoes on\n");
}

TEST_F(LineWriterTest, lines_that_cannot_be_written_are_counted) {
  ::signal(SIGPIPE, SIG_IGN);
  end_reader();
  writer_->append("one\n");
  std::uint64_t lost = 0;
  while (lost == 0) lost = writer_->take_lost();
  EXPECT_EQ(lost, 1);
}

}  // namespace
}  // namespace marconi::observability
