namespace RawWs.Conformance;

/// <summary>Reserved bits and opcodes (RFC 6455 §5.2).</summary>
internal static class ReservedCases
{
    private static readonly int[] ReservedOpcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];

    public static CaseList Create()
    {
        var cases = new CaseList("reserved");
        AddBits(cases);
        AddOpcodes(cases);
        return cases;
    }

    private static void AddBits(CaseList cases)
    {
        for (var bits = 1; bits <= 7; bits++)
        {
            var rsv = bits;
            foreach (var opcode in (Opcode[])[Opcode.Text, Opcode.Binary, Opcode.Close, Opcode.Ping, Opcode.Pong])
            {
                var payload = opcode == Opcode.Close ? Frame.CloseBody(1000, default) : "Hello"u8.ToArray();
                AddFail(cases, $"rsv-{rsv:b3}-{Name(opcode)}", $"A {opcode} frame with RSV bits {rsv:b3}, no extension negotiated.",
                    Rfc6455.Rsv,
                    new Frame(opcode, payload) { Rsv = rsv });
            }

            cases.Add($"rsv-{rsv:b3}-continuation", $"A continuation frame with RSV bits {rsv:b3}.", Rfc6455.Rsv, Expected.FailProtocol,
                async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(Frame.Text("Hel") with { Fin = false }, Frame.Continuation("lo") with { Rsv = rsv });
                await peer.ExpectFailAsync(1002);
            });

            cases.Add($"rsv-{rsv:b3}-after-message", $"A text message, then one with RSV bits {rsv:b3}, then a ping; in one write.",
                Rfc6455.Rsv, "the first is echoed, then the connection is failed with 1002 and the ping not answered.", async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(Frame.Text("legal"), Frame.Text("illegal") with { Rsv = rsv }, Frame.Ping("p"));
                await peer.ExpectFailAfterAsync(1002, Frame.Text("legal"));
            });

            cases.Add($"rsv-{rsv:b3}-bytewise", $"A text message, then one with RSV bits {rsv:b3}, byte by byte.", Rfc6455.Rsv,
                "the first is echoed, then the connection is failed with 1002.", async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendInWritesOfAsync(Frame.Text("legal").ToBytes(c.Random), 1, "a legal text frame");
                await peer.SendInWritesOfAsync((Frame.Text("illegal") with { Rsv = rsv }).ToBytes(c.Random), 1, $"RSV={rsv:b3}");
                await peer.ExpectFailAfterAsync(1002, Frame.Text("legal"));
            });
        }
    }

    private static void AddOpcodes(CaseList cases)
    {
        foreach (var opcode in ReservedOpcodes)
        {
            var reserved = (Opcode)opcode;
            AddFail(cases, $"opcode-{opcode}-empty", $"An empty frame with opcode {opcode}.", Rfc6455.UnknownOpcode,
                new Frame(reserved, default));
            AddFail(cases, $"opcode-{opcode}", $"A frame with opcode {opcode} and application data.", Rfc6455.UnknownOpcode,
                new Frame(reserved, "reserved"u8.ToArray()));

            cases.Add($"opcode-{opcode}-without-fin", $"A frame with opcode {opcode} without FIN.", Rfc6455.UnknownOpcode,
                Expected.FailProtocol, async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(new Frame(reserved, "reserved"u8.ToArray()) { Fin = false });
                await peer.ExpectFailAsync(1002);
            });

            cases.Add($"opcode-{opcode}-after-message", $"A text message, then opcode {opcode}, then a ping; in one write.",
                Rfc6455.UnknownOpcode, "the message is echoed, then the connection is failed with 1002 and the ping not answered.",
                async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(Frame.Text("legal"), new Frame(reserved, "reserved"u8.ToArray()), Frame.Ping("p"));
                await peer.ExpectFailAfterAsync(1002, Frame.Text("legal"));
            });

            cases.Add($"opcode-{opcode}-in-message", $"Opcode {opcode} in the middle of a fragmented message.", Rfc6455.UnknownOpcode,
                Expected.FailProtocol, async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(Frame.Text("frag") with { Fin = false }, new Frame(reserved, default), Frame.Continuation("ment"));
                await peer.ExpectFailAsync(1002);
            });
        }

        // The case behind a real denial of service: the opcode is in the first byte, the payload may be huge.
        foreach (var opcode in (int[])[3, 11])
        {
            cases.Add($"opcode-{opcode}-header-only", $"The header of a frame with opcode {opcode} that announces 1 MiB, and no payload.",
                Rfc6455.UnknownOpcode, "the header alone is enough to fail the connection with 1002.", async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendPartAsync(new Frame((Opcode)opcode, c.RandomBytes(1 << 20)), 14);
                await FailFast.ExpectAsync(c, peer, 1002, () => peer.SendBytesAsync(c.RandomBytes(1 << 20), "the payload"));
            }, CaseTraits.Bulky);
        }
    }

    private static void AddFail(CaseList cases, string name, string title, Clause clause, Frame frame) =>
        cases.Add(name, title, clause, Expected.FailProtocol, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(frame);
            await peer.ExpectFailAsync(1002);
        });

    private static string Name(Opcode opcode) => opcode.ToString().ToLowerInvariant();
}
