using System.Globalization;
using RawWs.Testing;

namespace RawWs.Tests.Connections;

/// <summary>
/// Many senders of all kinds at once, a peer that reads in fits and starts, and any end. The threads run as they like; what is looked at holds for each of
/// their orders.
/// </summary>
public sealed class SendPropertyTests
{
    private const int SenderCount = 8, MessageCount = 60;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    public enum Ending
    {
        AllIsSent,
        Closed,
        ClosedByPeer,
        Aborted,
        AbortedByPeer,
        NotReadAnyMore,
    }

    public static TheoryData<int, Ending> Cases
    {
        get
        {
            var cases = new TheoryData<int, Ending>();
            foreach (var end in Enum.GetValues<Ending>())
            {
                for (var seed = 1; seed <= 6; seed++)
                    cases.Add(seed, end);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Whatever_is_sent_arrives_once_in_order_or_is_counted_as_dropped(int seed, Ending end)
    {
        var random = new Random(seed);
        await using var server = await GatedServer.StartAsync(options =>
        {
            options.MaxSendQueueSize = random.Next(2) == 0 ? 1 << 20 : random.Next(100_000);
            options.MaxSendQueueCount = random.Next(2) == 0 ? 16_384 : random.Next(1, 20);
        });
        var (client, connection) = await server.OpenAsync(capacity: random.Next(3) switch { 0 => 1, 1 => random.Next(1, 1000), _ => random.Next(1, 200_000) });
        await using var disposal = client;
        var told = 0;
        connection.Drained = _ => Interlocked.Increment(ref told);

        var senders = Enumerable.Range(0, SenderCount).Select(sender => Task.Run(() => SendAllAsync(connection, sender, new Random((seed * 100) + sender)))).ToList();
        var received = new List<Message>();
        var reading = ReadAllAsync(client, received, new Random(seed + 1), end, connection);
        if (end == Ending.AllIsSent)
        {
            await Task.WhenAll(senders).WaitAsync(LongestWait);
            await connection.WaitForDrainAsync(CancellationToken.None).WaitAsync(LongestWait);
            Assert.Equal((0, server.Published), (connection.BufferedBytes, server.Sent + server.Dropped));
            _ = connection.CloseAsync();
        }

        await reading;
        if (end == Ending.NotReadAnyMore)
            await Eventually.CompletesAsync(server.Time, Task.WhenAll(senders));

        await Task.WhenAll(senders).WaitAsync(LongestWait);
        await Eventually.CompletesAsync(server.Time, connection.Closed);
        await Eventually.CompletesAsync(server.Time, Task.Run(() => Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0)));

        Assert.Equal(0, connection.BufferedBytes);
        Assert.Equal(server.Published, server.Sent + server.Dropped);
        Assert.True(connection.WaitForDrainAsync(CancellationToken.None).IsCompletedSuccessfully);
        if (end is Ending.AllIsSent or Ending.Closed)
            Assert.Equal(server.Sent, received.Count);
        else
            Assert.InRange(received.Count, 0, server.Sent + server.DroppedAs("closed")); // Of a write that broke off we don't know what has arrived.

        foreach (var group in received.GroupBy(message => message.Sender))
            AssertOrder([.. group]);
    }

    // A newer value may take the place of an older one, before values of other keys; nothing else may change places.
    private static void AssertOrder(Message[] messages)
    {
        Assert.Equal(messages.Length, messages.Select(message => message.Number).Distinct().Count());
        foreach (var byKey in messages.Where(message => message.Key.Length > 0).GroupBy(message => message.Key))
            Assert.Equal(byKey.OrderBy(message => message.Number), byKey);

        for (var at = 0; at < messages.Length; at++)
        {
            if (messages[at].Key.Length > 0)
                continue;

            Assert.DoesNotContain(messages[..at], before => before.Number > messages[at].Number);
            Assert.DoesNotContain(messages[at..], after => after.Number < messages[at].Number);
        }
    }

    private static async Task SendAllAsync(WebSocketConnection connection, int sender, Random random)
    {
        try
        {
            for (var number = 0; number < MessageCount; number++)
            {
                var key = random.Next(3) == 0 ? $"{random.Next(3)}" : "";
                var text = $"{sender}:{number}:{key}:" + new string('x', random.Next(40) == 0 ? 70_000 : random.Next(1000));
                SlowConsumerPolicy[] policies = [SlowConsumerPolicy.DropNewest, SlowConsumerPolicy.DropOldest, SlowConsumerPolicy.Conflate];
                var options = new SendOptions { Policy = policies[random.Next(3)], ConflationKey = key.Length > 0 ? $"{sender}:{key}" : null };
                switch (random.Next(key.Length > 0 ? 3 : 8))
                {
                    case 0 or 1:
                        connection.Send(text, options);
                        break;

                    case 2:
                        await connection.SendAsync(text, options);
                        break;

                    case 3:
                        connection.SendTogether(text);
                        break;

                    case 4:
                        await connection.SendAsync(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(text)), MessageType.Text);
                        break;

                    case 5:
                        await SendImpatientlyAsync(connection, text, random);
                        break;

                    case 6:
                        connection.SendPong([(byte)number]);
                        connection.Enqueue(text, default, SlowConsumerPolicy.Wait);
                        break;

                    default:
                        await connection.SendAsync(text);
                        break;
                }

                if (random.Next(4) == 0)
                    await Task.Yield();
            }
        }
        catch (WebSocketClosedException)
        {
            // That is how the end shows.
        }
    }

    private static async Task SendImpatientlyAsync(WebSocketConnection connection, string text, Random random)
    {
        using var cancellation = new CancellationTokenSource();
        try
        {
            var sending = connection.SendAsync(text, cancellation.Token);
            for (var count = random.Next(20); count > 0 && !sending.IsCompleted; count--)
                await Task.Yield();

            await cancellation.CancelAsync();
            await sending;
        }
        catch (OperationCanceledException)
        {
            // It gave up in time, and goes on with the next.
        }
    }

    private static async Task ReadAllAsync(WireClient client, List<Message> received, Random random, Ending end, WebSocketConnection connection)
    {
        var endAt = random.Next(200);
        var current = "";
        try
        {
            while (true)
            {
                if (received.Count == endAt && current.Length == 0 && await IsEndedAsync(client, connection, end))
                    return;

                for (var count = random.Next(5) == 0 ? random.Next(200) : 0; count > 0; count--)
                    await Task.Yield();

                var frame = await client.ReadFrameAsync();
                if (frame.Opcode == 0x8)
                    return;

                if (frame.Opcode == 0xA)
                    continue;

                Assert.Equal(current.Length == 0 ? 0x1 : 0x0, frame.Opcode);
                current += frame.Text;
                if (frame.Fin)
                    received.Add(Message.Parse(current));

                current = frame.Fin ? "" : current;
            }
        }
        catch (Exception error) when (error is IOException or InvalidOperationException && end is not (Ending.AllIsSent or Ending.Closed))
        {
            // The connection is gone.
        }
    }

    /// <returns>Whether the client is to read nothing more.</returns>
    private static async Task<bool> IsEndedAsync(WireClient client, WebSocketConnection connection, Ending end)
    {
        switch (end)
        {
            case Ending.Closed:
                _ = connection.CloseAsync();
                return false;

            case Ending.ClosedByPeer:
                await client.SendAsync(WireFrame.MaskedClose(1000));
                return false;

            case Ending.Aborted:
                connection.Abort();
                return false;

            case Ending.AbortedByPeer:
                client.Abort();
                return true;

            case Ending.NotReadAnyMore:
                return true;

            default:
                return false;
        }
    }

    private sealed record Message(int Sender, int Number, string Key)
    {
        public static Message Parse(string text)
        {
            var parts = text.Split(':', 4);
            Assert.All(parts[3], character => Assert.Equal('x', character));
            return new Message(int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture), parts[2]);
        }
    }
}
