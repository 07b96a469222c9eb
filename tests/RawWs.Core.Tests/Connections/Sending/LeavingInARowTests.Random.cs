using RawWs.Testing;

namespace RawWs.Tests.Connections;

// The same at random.
public sealed partial class LeavingInARowTests
{
    // Each is what one thread does, step by step, and so it is known exactly what is to arrive.
    [Fact]
    public async Task Whatever_happens_at_whatever_time_all_arrives_once_and_in_order()
    {
        for (var seed = 1; seed <= 100; seed++)
            await SendAtRandomAsync(new Random(seed));
    }

    private async Task SendAtRandomAsync(Random random)
    {
        const int Count = 3;
        await using var server = await GatedServer.StartAsync();
        var members = new List<(GatedConnection Network, WebSocketConnection Connection)>();
        while (members.Count < Count)
            members.Add(await OpenAsync(server));

        var expected = members.ConvertAll(_ => new List<string>());
        var (number, isSending) = (0, false);
        foreach (var (_, connection) in members)
        {
            connection.Drained = _ =>
            {
                if (_turns.IsInTurn && !isSending)
                    SendSome(random.Next(2));
            };
        }

        for (var step = 0; step < 30; step++)
        {
            if (random.Next(3) == 0)
                _turns.RowBegins = () => Run(random.Next(2) == 0, () => SendSome(random.Next(4)));

            if (random.Next(3) == 0)
                _turns.RowGoesOn = () => Run(random.Next(2) == 0, () => SendSome(random.Next(4)));

            if (random.Next(3) == 0)
                SendSome(random.Next(3));

            if (random.Next(4) == 0)
                members[random.Next(Count)].Network.Refuse();

            if (random.Next(3) == 0)
                members[random.Next(Count)].Network.TakeOnce();

            if (random.Next(3) == 0)
                members[random.Next(Count)].Network.TakeAll();

            _turns.Take(() => SendSome(random.Next(4)));
        }

        // A direct sender whose turn has come goes on where it likes.
        _turns.RowBegins = _turns.RowGoesOn = null;
        foreach (var (network, connection) in members)
        {
            connection.Drained = null;
            network.TakeAll();
        }

        for (var index = 0; index < Count; index++)
        {
            await Eventually.HoldsAsync(() => Settled(members[index].Connection));
            Assert.Equal(expected[index], members[index].Network.Texts.Where(text => text != "pong"));
            Assert.Equal(0, members[index].Connection.BufferedBytes);
        }

        var total = expected.Sum(texts => texts.Count);
        await Eventually.HoldsAsync(() => server.Sent == total);
        Assert.Equal((total, 0), (server.Published, server.Dropped));

        bool Settled(WebSocketConnection connection)
        {
            _turns.Take();
            return connection.WaitForDrainAsync().IsCompletedSuccessfully;
        }

        void SendSome(int count)
        {
            isSending = true;
            for (; count > 0; count--)
            {
                var text = $"{number++} {new string('x', random.Next(20) == 0 ? 6_000 : random.Next(30))}";
                var index = random.Next(Count);
                switch (random.Next(6))
                {
                    case 0 or 1:
                        expected.ForEach(texts => texts.Add(text));
                        Assert.Equal(0, server.Server.Everyone.Broadcast(text).Dropped);
                        break;

                    case 2:
                        expected[index].Add(text);
                        _ = members[index].Connection.SendAsync(text).AsTask();
                        break;

                    case 3:
                        members[index].Connection.SendPong("pong"u8);
                        break;

                    case 4:
                        expected[index].AddRange([text, "together"]);
                        members[index].Connection.SendTogether(text, "together");
                        break;

                    default:
                        expected[index].Add(text);
                        members[index].Connection.Send(text);
                        break;
                }
            }

            isSending = false;
        }
    }
}
