using System.Net;
using System.Text;

namespace RawWs.Load;

/// <summary>A well-behaved member of a room: reads everything, and checks that each publisher's messages come once and in order.</summary>
internal sealed class RoomListener(SoakRoom room, SoakTally tally)
{
    private const int BufferSize = 64 * 1024, KernelBufferSize = 64 * 1024;
    private const long NotHeardYet = -1;

    /// <summary>Long enough for its messages to wait in the server, and short enough for them to fit there.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.6), BetweenPauses = TimeSpan.FromSeconds(3);

    private readonly long[] _next = [.. Enumerable.Repeat(0L, SoakRoom.PublisherCount)];

    /// <summary>Whether it stops reading now and then, and catches up: that is no misbehaviour.</summary>
    public bool Pauses { get; init; }

    /// <summary>Is told of each message.</summary>
    public Action<Publication>? Heard { get; init; }

    /// <summary>Whether everything that was published has come.</summary>
    public bool IsComplete => MissingCount == 0;

    /// <summary>How many messages have been published and have not come.</summary>
    public long MissingCount => room.Publishers.Sum(publisher => publisher.PublishedCount - Volatile.Read(ref _next[publisher.Index]));

    /// <summary>Joins before anybody publishes, so that everything from the first message on is expected.</summary>
    public async Task<LoadClient> JoinAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        var client = await LoadClient.OpenAsync(server, room.Path, BufferSize, Pauses ? KernelBufferSize : 0, cancellationToken);

        // The server answers the handshake before the session joins. When our own message comes back, it has.
        var greeting = Encoding.ASCII.GetBytes($"here is {Guid.NewGuid()}");
        await client.SendAsync(ClientFrames.Of(ClientFrames.Text, greeting), cancellationToken);
        do
        {
            if (!await client.ReadFrameAsync(cancellationToken))
                throw new EndOfStreamException("The server ended the connection of a member that joined.");
        }
        while (!client.Payload.SequenceEqual(greeting));

        return client;
    }

    /// <summary>Comes later: whatever is heard first from each publisher is where its order begins.</summary>
    public Task<LoadClient> VisitAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        Array.Fill(_next, NotHeardYet);
        return LoadClient.OpenAsync(server, room.Path, BufferSize, cancellationToken: cancellationToken);
    }

    /// <summary>Reads until it is told to stop; that the server ends the connection before is a failure.</summary>
    public async Task ListenAsync(LoadClient client, CancellationToken cancellationToken)
    {
        var lastPause = TimeProvider.System.GetTimestamp();
        try
        {
            while (await client.ReadFrameAsync(cancellationToken))
            {
                if (Pauses && TimeProvider.System.GetElapsedTime(lastPause) > BetweenPauses)
                {
                    await Task.Delay(Pause, cancellationToken);
                    lastPause = TimeProvider.System.GetTimestamp();
                }

                if (client.Opcode == ClientFrames.Close)
                {
                    tally.Failures.Add($"A member of {room.Path} that behaved was closed with {client.CloseCode}.");
                    return;
                }

                if (client.Opcode == ClientFrames.Binary)
                    Check(Publication.Of(client.Payload));
            }

            tally.Failures.Add($"The connection of a member of {room.Path} that behaved was ended.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It has been there long enough.
        }
        catch (Exception error) when (NetworkFailure.Is(error))
        {
            tally.Failures.Add($"The connection of a member of {room.Path} that behaved failed: {error.Message}");
        }
    }

    private void Check(Publication heard)
    {
        ref var next = ref _next[heard.Publisher];
        if (heard.Number < next)
        {
            Interlocked.Increment(ref tally.OutOfOrder);
            return;
        }

        if (heard.Number > next && next != NotHeardYet)
            Interlocked.Add(ref tally.Lost, heard.Number - next);

        Volatile.Write(ref next, heard.Number + 1);
        Interlocked.Increment(ref tally.Checked);
        Heard?.Invoke(heard);
    }
}
