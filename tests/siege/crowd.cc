#include "siege/crowd.h"

#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <unordered_map>
#include <utility>

#include "siege/member.h"

namespace marconi::siege {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kTick(50);

}  // namespace

/// What the thread of a crowd has.
class Crowd::Thread {
 public:
  Thread(const Attack& attack, std::uint16_t port, Crowd& crowd)
      : attack_(attack), port_(port), crowd_(crowd), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  ~Thread() { ::close(epoll_); }

  void run() {
    auto next_tick = steady_clock::now();
    while (!crowd_.stopping_) {
      open_more();
      handle_events();
      const auto now = steady_clock::now();
      if (now < next_tick) continue;
      next_tick = now + kTick;
      tick(now);
    }
    members_.clear();
  }

 private:
  void open_more() {
    const std::chrono::duration<double> elapsed = steady_clock::now() - started_;
    const auto due =
        static_cast<std::size_t>(elapsed.count() * static_cast<double>(attack_.opened_per_second));
    const std::size_t total = attack_.opens_again ? due : std::min(due, attack_.connections);
    while (members_.size() < attack_.connections && number_ < total) {
      auto member = std::make_unique<Member>(attack_, crowd_.counts_, number_++, port_);
      if (member->has_ended()) continue;
      Member* const key = member.get();
      const auto added = members_.emplace(key, Watched{std::move(member), 0}).first;
      watch(added->second, EPOLL_CTL_ADD);
    }
    // What could not be opened in time is not made up for at once.
    if (number_ < total) {
      started_ = steady_clock::now();
      started_ -= std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(
          static_cast<double>(number_) / static_cast<double>(attack_.opened_per_second)));
    }
    crowd_.size_.store(members_.size(), std::memory_order_relaxed);
  }

  void handle_events() {
    std::array<epoll_event, 512> events;
    const int count = ::epoll_wait(epoll_, events.data(), events.size(), 2);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      const auto found = members_.find(static_cast<Member*>(event.data.ptr));
      handle(*found->second.member, event.events);
      if (found->second.member->has_ended()) {
        members_.erase(found);
      } else {
        watch(found->second, EPOLL_CTL_MOD);
      }
    }
  }

  static void handle(Member& member, std::uint32_t events) {
    const bool failed = (events & (EPOLLERR | EPOLLHUP)) != 0;
    if (failed || (events & EPOLLOUT) != 0) member.on_writable();
    if (member.is_connected() && (failed || (events & EPOLLIN) != 0)) member.on_readable();
  }

  void tick(steady_clock::time_point now) {
    std::erase_if(members_, [now](const auto& entry) {
      entry.second.member->on_tick(now);
      return entry.second.member->has_ended();
    });
  }

  struct Watched {
    std::unique_ptr<Member> member;
    std::uint32_t events = 0;  ///< asked for
  };

  void watch(Watched& watched, int operation) {
    const std::uint32_t events = (watched.member->wants_to_read() ? EPOLLIN : 0U) |
                                 (watched.member->wants_to_write() ? EPOLLOUT : 0U);
    if (operation == EPOLL_CTL_MOD && events == watched.events) return;
    watched.events = events;
    epoll_event event{.events = events, .data = {.ptr = watched.member.get()}};
    ::epoll_ctl(epoll_, operation, watched.member->socket(), &event);
  }

  const Attack& attack_;
  const std::uint16_t port_;
  Crowd& crowd_;
  const int epoll_;
  steady_clock::time_point started_ = steady_clock::now();
  std::size_t number_ = 0;
  std::unordered_map<Member*, Watched> members_;
};

Crowd::Crowd(const Attack& attack, std::uint16_t port)
    : thread_([this, &attack, port] { Thread(attack, port, *this).run(); }) {}

Crowd::~Crowd() { (void)stop(); }

void Crowd::give_way() {
  const sched_param none{};
  ::pthread_setschedparam(thread_.native_handle(), SCHED_IDLE, &none);
}

CrowdCounts Crowd::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  return counts_;
}

}  // namespace marconi::siege
