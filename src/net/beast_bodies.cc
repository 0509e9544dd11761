// Beast's own function bodies, compiled once for all rooms that use it.
#include <boost/beast/src.hpp>
