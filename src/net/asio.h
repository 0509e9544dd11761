// The parts of Asio that Marconi uses, under the names by which it uses them.
//
// Every connection lives on one io_context that one thread runs, so the concrete executor is used
// throughout: it needs no strands and is measurably cheaper than any_io_executor. Operations
// report errors as values (kAsTuple). Only net, transport and client include this header.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>

namespace marconi::net {

namespace asio = boost::asio;

using ErrorCode = boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

template <class T>
using Awaitable = asio::awaitable<T, Executor>;
using UseAwaitable = asio::use_awaitable_t<Executor>;

/// Completion token: awaiting the operation yields a tuple whose first element is the ErrorCode.
inline constexpr asio::as_tuple_t<UseAwaitable> kAsTuple{UseAwaitable{}};

/// A suspended coroutine, resumed by calling it once on the thread of its loop.
using Resumption = asio::async_result<UseAwaitable, void()>::handler_type;

}  // namespace marconi::net
