using System.Buffers.Binary;
using System.Net.WebSockets;
using FsCheck;
using FsCheck.Fluent;
using RawWs.Compression;
using RawWs.Conformance;
using RawWs.Testing;
using RawWs.Tests.Protocol;

namespace RawWs.Tests.Compression;

/// <summary>Any messages under any agreement arrive as they were sent, in order: with peers that share no line with us, in both directions.</summary>
public class DeflatePropertyTests
{
    private const int TagLength = 4;

    private static readonly Gen<byte[]> Payload =
        from kind in Gen.Choose(0, 5)
        from length in Gen.Frequency((6, Gen.Choose(0, 300)), (2, Gen.Choose(300, 3000)), (1, Gen.Choose(3000, 40_000)))
        from seed in Gen.Choose(0, 5)
        select Make(kind, length, seed);

    private static readonly Gen<Sent> Message =
        from payload in Payload
        from sender in Gen.Choose(0, 2)
        from isFlagged in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new Sent(sender, payload, new SendOptions { Uncompressed = isFlagged });

    private static readonly Arbitrary<Sent[]> Messages = Arb.From(Gen.ArrayOf(Message), WithoutOne);

    private static readonly Arbitrary<Agreement> Agreements = Arb.From(
        from isShared in Gen.Elements(false, true)
        from serverForgets in Gen.Elements(false, true)
        from clientForgets in Gen.Elements(false, true)
        from serverBits in Gen.Elements(0, 9, 10, 11, 12, 13, 14, 15)
        from clientBits in Gen.Elements(0, 9, 10, 11, 12, 13, 14, 15)
        from largest in Gen.Elements(9, 12, 15)
        from threshold in Gen.Elements(0, 64, 1024)
        select new Agreement(isShared ? CompressionMode.Shared : CompressionMode.Dedicated, serverForgets, clientForgets, serverBits, clientBits, largest, threshold));

    [Fact]
    public void What_the_server_sends_is_received_intact_and_in_order()
        => Properties.Check(Prop.ForAll(Agreements, Messages, (agreement, messages) => ReceiveAllAsync(agreement, messages).GetAwaiter().GetResult()));

    [Fact]
    public void What_the_managed_client_sends_is_received_intact_and_in_order()
        => Properties.Check(Prop.ForAll(Agreements, Messages, Exchanges.Arrival, (agreement, messages, arrival) =>
        {
            var parameters = agreement.Parameters;
            var wire = ManagedClient.WireOf(async client =>
            {
                foreach (var message in messages)
                {
                    var flags = WebSocketMessageFlags.EndOfMessage;
                    if (message.Options.Uncompressed)
                        flags |= WebSocketMessageFlags.DisableCompression;

                    // In two fragments, of which either may be empty.
                    var half = message.Payload.Length / 2;
                    await client.SendAsync(
                        message.Payload.AsMemory(0, half), WebSocketMessageType.Binary, flags & ~WebSocketMessageFlags.EndOfMessage, CancellationToken.None);
                    await client.SendAsync(message.Payload.AsMemory(half), WebSocketMessageType.Binary, flags, CancellationToken.None);
                }
            }, agreement.ManagedOptions).GetAwaiter().GetResult();

            using var states = DeflateWire.States();
            var segmentation = Exchanges.Segmentation(arrival, wire.Length);
            string[] expected = [.. messages.Select(message => $"Binary {Hex.Of(message.Payload)}".TrimEnd())];
            return expected.SequenceEqual(Read(streaming: false)) && expected.SequenceEqual(Read(streaming: true));

            string[] Read(bool streaming)
                => Transcript.Of(wire, segmentation, Transcript.Roomy, streaming, () => new MessageInflater(states, parameters));
        }));

    // Windows of 8 bits too, which no zlib writes.
    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(15)]
    public void What_a_client_with_a_small_window_sends_is_received_intact_and_in_order(int windowBits)
        => Properties.Check(Prop.ForAll(Messages, Exchanges.Arrival, Arb.From(Gen.Elements(false, true)), (messages, arrival, forgets) =>
        {
            var deflater = new WindowDeflater(windowBits, contextTakeover: !forgets);
            Sent[] small = [.. messages.Where(message => message.Payload.Length < 4000)];
            byte[] wire =
            [
                .. small.SelectMany(message => !message.Options.Uncompressed
                    ? ClientFrame.Bytes(DeflateWire.Binary, deflater.Compress(message.Payload))
                    : ClientFrame.Bytes(0x82, message.Payload)),
            ];

            using var states = DeflateWire.States();
            string[] expected = [.. small.Select(message => $"Binary {Hex.Of(message.Payload)}".TrimEnd())];
            return expected.SequenceEqual(Transcript.Of(
                wire, Exchanges.Segmentation(arrival, wire.Length), Transcript.Roomy, streaming: false,
                () => new MessageInflater(states, new DeflateParameters(true, forgets, 15, windowBits))));
        }));

    private static async Task<bool> ReceiveAllAsync(Agreement agreement, Sent[] messages)
    {
        await using var server = await TestServer.StartAsync(
            async (connection, _) => await Task.WhenAll(messages.GroupBy(message => message.Sender).Select(group => Task.Run(async () =>
            {
                foreach (var message in group)
                    await connection.SendAsync(message.Tagged, MessageType.Binary, message.Options);
            }))),
            options =>
            {
                options.Compression = agreement.Mode;
                options.MaxCompressionWindowBits = agreement.Largest;
                options.CompressionThreshold = agreement.Threshold;
            });
        await using var client = await DeflateClient.OpenAsync(server.Connect(), agreement.Offer);
        var (frames, received) = (new List<WireFrame>(), new List<byte[]>());

        for (var frame = await client.Wire.ReadFrameAsync(); frame.Opcode != 8; frame = await client.Wire.ReadFrameAsync())
        {
            frames.Add(frame);
            var (payload, isCompressed, _) = client.MessageOf(frame);
            received.Add(payload);
            Assert.True(!isCompressed || payload.Length >= agreement.Threshold);
        }

        Assert.Equal(frames.Count, messages.Length);
        Assert.Equal(received, await ReadManagedAsync(agreement, frames));

        return messages.GroupBy(message => message.Sender).All(group
            => group.Select(message => message.Tagged).SequenceEqual(
                received.Where(payload => Sent.SenderOf(payload) == group.Key), ByteArrays.Same));
    }

    /// <summary>The same frames, read by the runtime's own client.</summary>
    private static async Task<List<byte[]>> ReadManagedAsync(Agreement agreement, List<WireFrame> frames)
    {
        byte[] wire = [.. frames.SelectMany(frame => WireFrame.Unmasked(frame.First, frame.Payload))];
        await using var stream = new InMemoryStream(_ => wire, mostPerRead: 1000);
        using var client = ManagedClient.Over(stream, agreement.ManagedOptions);
        var (received, buffer) = (new List<byte[]>(), new byte[64 * 1024]);

        foreach (var _ in frames)
        {
            var message = new List<byte>();
            ValueWebSocketReceiveResult result;
            do
            {
                result = await client.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                message.AddRange(buffer.AsSpan(0, result.Count));
            }
            while (!result.EndOfMessage);

            received.Add([.. message]);
        }

        return received;
    }

    private static byte[] Make(int kind, int length, int seed)
    {
        var random = new System.Random(seed);
        if (kind == 0)
            return [];

        if (kind is 1 or 2)
            return Payloads.Words(length, random);

        var payload = new byte[length];
        if (kind is 3 or 4)
            random.NextBytes(payload);

        return payload;
    }

    private static IEnumerable<T[]> WithoutOne<T>(T[] items)
        => Enumerable.Range(0, items.Length).Select(index => (T[])[.. items[..index], .. items[(index + 1)..]]);

    /// <summary>A message of one of several senders, who send at the same time.</summary>
    private sealed record Sent(int Sender, byte[] Payload, SendOptions Options)
    {
        /// <summary>The payload with its sender in front; an empty message stays empty, for nothing else is.</summary>
        public byte[] Tagged
        {
            get
            {
                var tag = new byte[TagLength];
                BinaryPrimitives.WriteInt32BigEndian(tag, Sender);
                return [.. tag, .. Payload];
            }
        }

        public static int SenderOf(byte[] tagged) => BinaryPrimitives.ReadInt32BigEndian(tagged);

        public override string ToString() => $"{Sender}:{Payload.Length}{(Options.Uncompressed ? " uncompressed" : "")}";
    }

    private sealed record Agreement(
        CompressionMode Mode, bool ServerForgets, bool ClientForgets, int ServerBits, int ClientBits, int Largest, int Threshold)
    {
        public string Offer
            => "permessage-deflate"
                + (ServerForgets ? "; server_no_context_takeover" : "")
                + (ClientForgets ? "; client_no_context_takeover" : "")
                + (ServerBits > 0 ? $"; server_max_window_bits={ServerBits}" : "")
                + (ClientBits > 0 ? $"; client_max_window_bits={ClientBits}" : "");

        /// <summary>What such an offer comes to, said here a second time.</summary>
        public DeflateParameters Parameters => new(
            Mode == CompressionMode.Shared || ServerForgets,
            Mode == CompressionMode.Shared || ClientForgets,
            Math.Min(ServerBits == 0 ? 15 : ServerBits, Largest),
            ClientBits == 0 ? 15 : Math.Min(ClientBits, Largest));

        public WebSocketDeflateOptions ManagedOptions => new()
        {
            ServerContextTakeover = !Parameters.ServerNoContextTakeover,
            ClientContextTakeover = !Parameters.ClientNoContextTakeover,
            ServerMaxWindowBits = Parameters.ServerMaxWindowBits,
            ClientMaxWindowBits = Parameters.ClientMaxWindowBits,
        };
    }

    private sealed class ByteArrays : IEqualityComparer<byte[]>
    {
        public static readonly ByteArrays Same = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => obj.Length;
    }
}
