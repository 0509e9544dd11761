// Asio's own function bodies, compiled once for all rooms that use it.
#include <boost/asio/impl/src.hpp>
