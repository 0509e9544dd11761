#include "run.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <deque>
#include <optional>

namespace marconi::load {

namespace {

using Nanoseconds = std::chrono::nanoseconds;

// How long the answers of the last requests are waited for; then they count as failed.
constexpr auto kPatience = std::chrono::seconds(10);

class Runner {
 public:
  explicit Runner(const Plan& plan) : plan_(plan), poll_(::epoll_create1(EPOLL_CLOEXEC)) {}
  ~Runner() { ::close(poll_); }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  std::expected<Measured, std::string> carry_out();

 private:
  [[nodiscard]] bool open_loop() const { return plan_.rate > 0; }
  [[nodiscard]] bool may_send(Clock::time_point now) const;
  [[nodiscard]] Clock::time_point due(std::uint64_t arrival) const;
  [[nodiscard]] bool arrivals_left() const { return open_loop() && due(arrivals_) < end_; }

  std::optional<std::string> connect_all();
  std::optional<std::string> loop();
  void send_due(Clock::time_point now);
  void start(Connection& connection, Clock::time_point due);
  void serve(Connection& connection, Clock::time_point now);
  void finish(Connection& connection, const Answer& answer, Clock::time_point now);
  void lose(Connection& connection);
  void watch(Connection& connection, std::uint32_t events, int operation) const;
  int wait(Clock::time_point now);

  const Plan& plan_;
  int poll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::deque<Connection*> idle_;
  std::array<epoll_event, 512> events_{};
  Clock::time_point begin_;
  Clock::time_point measured_from_;
  Clock::time_point end_;
  std::uint64_t started_ = 0;
  std::uint64_t arrivals_ = 0;  // of the open loop, as far as they have been sent
  std::uint64_t under_way_ = 0;
  bool stopped_ = false;
  Measured result_;
};

bool Runner::may_send(Clock::time_point now) const {
  if (stopped_) {
    return false;
  }
  return plan_.requests > 0 ? started_ < plan_.requests : now < end_;
}

Clock::time_point Runner::due(std::uint64_t arrival) const {
  const std::chrono::duration<double> offset(static_cast<double>(arrival) / plan_.rate);
  return begin_ + std::chrono::duration_cast<Nanoseconds>(offset);
}

std::optional<std::string> Runner::connect_all() {
  for (unsigned number = 0; number < plan_.connections; ++number) {
    auto conversation = make_conversation(plan_.protocol, plan_.script, number);
    if (!conversation) {
      return conversation.error();
    }
    auto connection = Connection::open(plan_.port, std::move(*conversation));
    if (!connection) {
      return connection.error();
    }
    watch(**connection, EPOLLIN, EPOLL_CTL_ADD);
    idle_.push_back(connection->get());
    connections_.push_back(std::move(*connection));
  }
  return std::nullopt;
}

void Runner::watch(Connection& connection, std::uint32_t events, int operation) const {
  epoll_event event{.events = events, .data = {.ptr = &connection}};
  ::epoll_ctl(poll_, operation, connection.descriptor(), &event);
}

void Runner::lose(Connection& connection) {
  ::epoll_ctl(poll_, EPOLL_CTL_DEL, connection.descriptor(), nullptr);
  ++result_.failed;
  --under_way_;
}

void Runner::start(Connection& connection, Clock::time_point due) {
  ++started_;
  ++under_way_;
  if (connection.send(due) == Connection::State::closed) {
    lose(connection);
  } else if (connection.has_unsent()) {
    watch(connection, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  }
}

// Gives idle connections what they have to send by now.
void Runner::send_due(Clock::time_point now) {
  while (!idle_.empty()) {
    if (open_loop() ? !arrivals_left() || due(arrivals_) > now : !may_send(now)) {
      return;
    }
    Connection& connection = *idle_.front();
    idle_.pop_front();
    start(connection, open_loop() ? due(arrivals_++) : Clock::now());
  }
}

void Runner::finish(Connection& connection, const Answer& answer, Clock::time_point now) {
  --under_way_;
  ++result_.all_requests;
  stopped_ = stopped_ || answer.outcome == Outcome::dry;
  result_.dry = result_.dry || answer.outcome == Outcome::dry;
  if (answer.outcome == Outcome::failed) {
    ++result_.failed;
  }
  // A closed loop counts what is answered in the time; an open one, what was due in it.
  const bool counts =
      open_loop() ? connection.due() >= measured_from_ : now >= measured_from_ && now <= end_;
  if (counts && answer.outcome == Outcome::done) {
    const auto latency = std::chrono::duration_cast<Nanoseconds>(now - connection.due()).count();
    result_.latencies.record(static_cast<std::uint64_t>(std::max<std::int64_t>(latency, 0)));
  }
  if (!open_loop() && may_send(now)) {
    start(connection, now);
  } else {
    idle_.push_back(&connection);
  }
}

void Runner::serve(Connection& connection, Clock::time_point now) {
  if (connection.has_unsent()) {
    if (connection.flush() == Connection::State::closed) {
      lose(connection);
      return;
    }
    if (!connection.has_unsent()) {
      watch(connection, EPOLLIN, EPOLL_CTL_MOD);
    }
  }
  const auto answer = connection.receive();
  if (!answer) {
    lose(connection);
    return;
  }
  if (answer->size > 0) {
    finish(connection, *answer, now);
  }
}

// Waits for events, in an open loop no longer than until the next request is due.
int Runner::wait(Clock::time_point now) {
  auto longest = Nanoseconds(std::chrono::milliseconds(100));
  if (arrivals_left() && !idle_.empty()) {
    longest = std::clamp(Nanoseconds(due(arrivals_) - now), Nanoseconds(0), longest);
  }
  const timespec span{.tv_sec = 0, .tv_nsec = longest.count()};
  return ::epoll_pwait2(poll_, events_.data(), static_cast<int>(events_.size()), &span, nullptr);
}

std::optional<std::string> Runner::loop() {
  for (auto now = begin_;; now = Clock::now()) {
    send_due(now);
    const bool more = open_loop() ? arrivals_left() : may_send(now);
    if (!more && under_way_ == 0) {
      return std::nullopt;
    }
    if (now > end_ + kPatience) {
      result_.failed += under_way_;
      return std::nullopt;
    }
    const int count = wait(now);
    if (count < 0 && errno != EINTR) {
      return std::string("epoll: ") + std::strerror(errno);
    }
    for (int index = 0; index < count; ++index) {
      serve(*static_cast<Connection*>(events_[static_cast<std::size_t>(index)].data.ptr),
            Clock::now());
    }
    if (result_.failed > plan_.connections && result_.failed >= result_.all_requests) {
      return "nothing but failures";
    }
  }
}

std::expected<Measured, std::string> Runner::carry_out() {
  ::prctl(PR_SET_TIMERSLACK, 1UL);  // the open loop's arrivals are tens of microseconds apart
  if (auto trouble = connect_all()) {
    return std::unexpected(*trouble);
  }
  begin_ = Clock::now();
  measured_from_ = begin_ + std::chrono::duration_cast<Nanoseconds>(plan_.warm_up);
  end_ = plan_.requests > 0
             ? begin_ + std::chrono::hours(1)
             : measured_from_ + std::chrono::duration_cast<Nanoseconds>(plan_.length);
  if (auto trouble = loop()) {
    return std::unexpected(*trouble);
  }
  const auto until = std::clamp(Clock::now(), measured_from_, end_);
  result_.seconds = std::chrono::duration<double>(until - measured_from_).count();
  return std::move(result_);
}

}  // namespace

std::expected<Measured, std::string> run(const Plan& plan) { return Runner(plan).carry_out(); }

}  // namespace marconi::load
