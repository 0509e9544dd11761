#include "net/worker_pool.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace marconi::net {

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_length)
    : queue_length_(queue_length) {
  const std::size_t count = std::max<std::size_t>(threads, 1);
  idle_ = count;
  threads_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    threads_.emplace_back([this] { run(); });
    pthread_setname_np(threads_.back().native_handle(), "worker");
  }
}

WorkerPool::~WorkerPool() { stop(); }

bool WorkerPool::try_submit(const std::string& client, Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || !has_room_for(client)) return false;
    const auto [entry, is_new] = clients_.try_emplace(client);
    entry->second.push_back(std::move(job));
    if (is_new) turns_.push_back(&*entry);
    ++waiting_;
  }
  work_or_stop_.notify_one();
  return true;
}

bool WorkerPool::has_room_for(const std::string& client) const {
  // A job that an idle thread is about to fetch does not count as waiting.
  if (waiting_ < idle_) return true;
  const std::size_t free = idle_ + queue_length_ - waiting_;
  const auto known = clients_.find(client);
  return (known == clients_.end() ? 0 : known->second.size()) < free;
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_or_stop_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

/// The next job of the client whose turn it is.
WorkerPool::Job WorkerPool::take_next() {
  auto* const client = turns_.front();
  Job job = std::move(client->second.front());
  client->second.pop_front();
  --waiting_;
  if (client->second.empty()) {
    turns_.pop_front();
    clients_.erase(clients_.find(client->first));
  } else {
    turns_.splice(turns_.end(), turns_, turns_.begin());
  }
  return job;
}

void WorkerPool::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_or_stop_.wait(lock, [this] { return stopping_ || waiting_ > 0; });
    if (waiting_ == 0) return;
    Job job = take_next();
    --idle_;
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
    ++idle_;
  }
}

}  // namespace marconi::net
