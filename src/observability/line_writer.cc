#include "observability/line_writer.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace marconi::observability {
namespace {

/// How often a stalled reader is given up on, if that is wanted by then.
constexpr int kReaderPatienceMilliseconds = 1000;

/// For how long the end goes on writing at most, to a reader that takes a little now and then.
constexpr std::chrono::seconds kEndsWithin{3};

/// The first lines of a text that a pipe takes as a whole, so that others who write to it do not
/// get between, and without blocking once it has said that it takes something.
std::string_view piece_of(std::string_view text) {
  const std::string_view piece = text.substr(0, PIPE_BUF);
  const std::size_t end = piece.rfind('\n');
  return end == piece.npos ? piece : piece.substr(0, end + 1);
}

}  // namespace

LineWriter::LineWriter(int descriptor, Ownership ownership, std::size_t max_bytes, Place begin)
    : descriptor_(descriptor), ownership_(ownership), max_bytes_(max_bytes), place_(begin) {
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "log");
}

LineWriter::~LineWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stop_by_ = std::chrono::steady_clock::now() + kEndsWithin;
  }
  text_or_stop_.notify_one();
  thread_.join();
  if (ownership_ == Ownership::owned) ::close(descriptor_);
}

void LineWriter::append(std::string_view text, std::uint64_t lines) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + writing_ + text.size() > max_bytes_) {
      lost_ += lines;
      return;
    }
    first = waiting_.empty();
    waiting_.append(text);
  }
  if (first) text_or_stop_.notify_one();
}

std::uint64_t LineWriter::take_lost() {
  const std::lock_guard lock(mutex_);
  return std::exchange(lost_, 0);
}

void LineWriter::run() {
  std::string text;
  std::unique_lock lock(mutex_);
  for (;;) {
    text_or_stop_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    text.clear();
    text.swap(waiting_);
    writing_ = text.size();
    lock.unlock();
    const std::string_view unwritten = write(text);
    lock.lock();
    writing_ = 0;
    lost_ += static_cast<std::uint64_t>(std::ranges::count(unwritten, '\n'));
  }
}

/// The rest that could not be written. Where that begins inside a line, the line is torn.
std::string_view LineWriter::write(std::string_view text) {
  if (!end_torn_line()) return text;
  while (!text.empty()) {
    const std::size_t count = write_some(piece_of(text));
    if (count == 0) break;
    text.remove_prefix(count);
  }
  return text;
}

/// The next line must not become the rest of one that an error has cut off.
bool LineWriter::end_torn_line() { return place_ == Place::line_start || write_some("\n") == 1; }

/// How many bytes were written; 0 if that failed.
std::size_t LineWriter::write_some(std::string_view text) {
  while (wait_for_reader()) {
    const ssize_t count = ::write(descriptor_, text.data(), text.size());
    if (count > 0) {
      const auto written = static_cast<std::size_t>(count);
      place_ = text[written - 1] == '\n' ? Place::line_start : Place::inside_line;
      return written;
    }
    if (count == 0 || (errno != EINTR && errno != EAGAIN)) break;
  }
  return 0;
}

/// Waits until something can be written. False if that takes long and all is to end.
bool LineWriter::wait_for_reader() {
  if (is_out_of_time()) return false;
  pollfd socket{.fd = descriptor_, .events = POLLOUT, .revents = 0};
  while (::poll(&socket, 1, kReaderPatienceMilliseconds) == 0) {
    if (is_stopping()) return false;
  }
  return true;
}

bool LineWriter::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool LineWriter::is_out_of_time() {
  const std::lock_guard lock(mutex_);
  return stopping_ && std::chrono::steady_clock::now() >= stop_by_;
}

}  // namespace marconi::observability
