namespace RawWs.SocketIO.Tests;

/// <summary>The table of rooms beside a plain one, which keeps every room alike: that of a single socket too, which the table leaves out for as long as nobody else is in it.</summary>
public sealed class RoomTableTests
{
    [Fact]
    public async Task Whatever_sockets_do_the_table_says_what_a_plain_one_says()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();
        for (var seed = 0; seed < 300; seed++)
        {
            // None of them is ever sent anything.
            var sockets = Enumerable.Range(0, 4).Select(_ => new SocketIOSocket(null!, socket.Namespace, socket.Handshake)).ToArray();
            new Comparison(sockets, new Random(seed)).Run();
        }

        await client.DisposeAsync();
    }

    [Fact]
    public async Task The_limit_of_rooms_is_for_those_of_others()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.MaxRoomsPerSocket = 2);
        var (client, socket) = await server.ConnectSocketAsync();
        socket.Leave(socket.Id);
        socket.Join("a", "b");
        socket.Join("a", "b", socket.Id);

        Assert.Throws<InvalidOperationException>(() => socket.Join("c"));
        Assert.Equal([socket.Id, "a", "b"], socket.Rooms);
        await client.DisposeAsync();
    }

    private sealed class Comparison
    {
        private readonly SocketIOSocket[] _sockets;
        private readonly Random _random;
        private readonly string[] _names;
        private readonly RoomTable _table;
        private readonly List<RoomChange> _told = [];
        private readonly List<RoomChange> _expected = [];
        private readonly HashSet<SocketIOSocket> _here = [];

        // What those who have not been here yet have joined, their own rooms aside: each joins that in any case.
        private readonly Dictionary<SocketIOSocket, HashSet<string>> _early = [];
        private readonly Dictionary<string, HashSet<SocketIOSocket>> _rooms = [];

        public Comparison(SocketIOSocket[] sockets, Random random)
        {
            (_sockets, _random, _names) = (sockets, random, [.. sockets.Select(socket => socket.Id), "a", "b"]);
            _table = new RoomTable(_told.Add) { IsWatched = true };
            foreach (var socket in sockets)
                _early[socket] = [];
        }

        public void Run()
        {
            for (var step = 0; step < 30; step++)
            {
                var (socket, name) = (_sockets[_random.Next(_sockets.Length)], _names[_random.Next(_names.Length)]);
                switch (_random.Next(4))
                {
                    case 0 when !_here.Contains(socket):
                        _table.Add(socket);
                        _here.Add(socket);
                        Join(socket, socket.Id);
                        foreach (var early in _early.GetValueOrDefault(socket) ?? [])
                            Join(socket, early);

                        _early.Remove(socket);
                        break;

                    case 1:
                        _table.Leave(socket, name);
                        Leave(socket, name);
                        break;

                    case 2 when _random.Next(3) == 0:
                        Remove(socket);
                        break;

                    default:
                        _table.Join(socket, [name], maxCount: 10);
                        Join(socket, name);
                        break;
                }

                Compare();
            }
        }

        private void Remove(SocketIOSocket socket)
        {
            var before = _table.Of(socket);
            _table.Remove(socket);

            // Its last handlers see where it was.
            Assert.Equal(before, _table.Of(socket));
            if (!_here.Remove(socket))
                return;

            // Should it come again it joins nothing before it is here.
            socket.Dismiss();
            foreach (var name in before)
                Leave(socket, name);
        }

        private void Join(SocketIOSocket socket, string name)
        {
            if (!_here.Contains(socket))
            {
                if (name != socket.Id && _early.TryGetValue(socket, out var early))
                    early.Add(name);

                return;
            }

            if (!_rooms.TryGetValue(name, out var members))
            {
                _rooms[name] = members = [];
                _expected.Add(new RoomChange(RoomChangeKind.Created, name));
            }

            if (members.Add(socket))
                _expected.Add(new RoomChange(RoomChangeKind.Joined, name, socket.Id));
        }

        private void Leave(SocketIOSocket socket, string name)
        {
            if (_early.TryGetValue(socket, out var early))
                early.Remove(name);

            if (!_rooms.TryGetValue(name, out var members) || !members.Remove(socket))
                return;

            _expected.Add(new RoomChange(RoomChangeKind.Left, name, socket.Id));
            if (members.Count > 0)
                return;

            _rooms.Remove(name);
            _expected.Add(new RoomChange(RoomChangeKind.Deleted, name));
        }

        private void Compare()
        {
            Assert.Equal(_expected, _told);
            Assert.Equal(_rooms.Keys.Order(StringComparer.Ordinal), _table.Names().Order(StringComparer.Ordinal));
            Assert.All(_names, name => Assert.Equal(_rooms.ContainsKey(name), _table.Contains(name)));
            Assert.All(_early, early => Assert.Equal(early.Value.Order(StringComparer.Ordinal), _table.Of(early.Key).Where(name => name != early.Key.Id).Order(StringComparer.Ordinal)));
            Assert.All(_here, socket => Assert.Equal(RoomsOf(socket).Order(StringComparer.Ordinal), _table.Of(socket).Order(StringComparer.Ordinal)));

            string[] rooms = [.. _names.Where(_ => _random.Next(3) == 0)], except = [.. _names.Where(_ => _random.Next(4) == 0)];
            var expected = _here.Where(socket => (rooms.Length == 0 || RoomsOf(socket).Intersect(rooms).Any()) && !RoomsOf(socket).Intersect(except).Any());
            using var selection = _table.Select(rooms, except);
            Assert.Equal(expected.Select(socket => socket.Id).Order(StringComparer.Ordinal), selection.Sockets.ToArray().Select(socket => socket.Id).Order(StringComparer.Ordinal));
        }

        private IEnumerable<string> RoomsOf(SocketIOSocket socket) => _rooms.Where(room => room.Value.Contains(socket)).Select(room => room.Key);
    }
}
