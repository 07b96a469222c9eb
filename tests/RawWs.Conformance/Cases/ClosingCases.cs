namespace RawWs.Conformance;

/// <summary>The closing handshake (RFC 6455 §5.5.1 and §7): codes, reasons, and what comes after.</summary>
internal static class ClosingCases
{
    public static CaseList Create()
    {
        var cases = new CaseList("closing");
        AddBodies(cases);
        AddCodes(cases);
        AddAfterClose(cases);
        AddTcp(cases);
        return cases;
    }

    private static void AddBodies(CaseList cases)
    {
        cases.Add("empty", "A close frame without a body.", Rfc6455.CloseReply, Expected.CloseReply, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Close(default));
            await peer.ExpectCloseReplyAsync(null);
        });

        cases.Add("one-byte", "A close frame with a body of one byte.", Rfc6455.CloseBody, Expected.FailProtocol, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Close(new byte[] { 3 }));
            await peer.ExpectFailAsync(1002);
        });

        foreach (var size in (int[])[0, 1, 10, 122, 123])
        {
            cases.Add($"reason-{size}", $"Close code 1000 with a reason of {size} bytes.", Rfc6455.CloseReply, Expected.CloseReply,
                async c =>
                await (await c.OpenAsync()).CloseAsync(1000, new string('*', size)));
        }

        cases.Add("reason-utf8", "Close code 1000 with a reason of characters of one to four octets.", Rfc6455.CloseReply,
            Expected.CloseReply, async c =>
            await (await c.OpenAsync()).CloseAsync(1000, "a-µ-日-𝄞"));

        foreach (var size in (int[])[124, 125, 1000])
        {
            cases.Add($"reason-{size}", $"Close code 1000 with a reason of {size} bytes, in a frame of {size + 2}.", Rfc6455.ControlFrames,
                Expected.FailProtocol, async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(Frame.Close(1000, new string('*', size)));
                await peer.ExpectFailAsync(1002);
            });
        }

        foreach (var hex in (string[])["ff", "ce", "eda080", "c0af", "f4908080", "48656c6c6fcebae1bdb9cf83cebcceb5eda080"])
        {
            cases.Add($"reason-not-utf8-{hex[..Math.Min(8, hex.Length)]}", $"Close code 1000 with the reason {hex}.", Rfc6455.InvalidUtf8,
                Expected.FailUtf8, async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(Frame.Close(Frame.CloseBody(1000, Convert.FromHexString(hex))));
                await peer.ExpectFailAsync(1007, 1002);
            });
        }

        cases.Add("without-fin", "A close frame without FIN.", Rfc6455.ControlFrames, Expected.FailProtocol, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Close(1000) with { Fin = false });
            await peer.ExpectFailAsync(1002);
        });
    }

    private static void AddCodes(CaseList cases)
    {
        // 1012 to 1014 were registered with IANA after the RFC.
        foreach (var code in (int[])[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3999, 4000, 4001,
            4999])
        {
            cases.Add($"code-{code}", $"Close code {code}.", Rfc6455.CloseReply, Expected.CloseReply, async c =>
                await (await c.OpenAsync()).CloseAsync(code));
        }

        AddIllegalCode(cases, 1004, Rfc6455.Code1004);
        foreach (var code in (int[])[1005, 1006, 1015])
            AddIllegalCode(cases, code, Rfc6455.ReservedCodes);
        foreach (var code in (int[])[0, 1, 999, 1016, 1100, 2000, 2999])
            AddIllegalCode(cases, code, Rfc6455.CodeRanges);

        foreach (var code in (int[])[5000, 32_768, 65_535])
        {
            cases.Add($"code-{code}", $"Close code {code}, about which the RFC says nothing.", Rfc6455.CodeRanges,
                "the connection ends; 1002 is as good as an answer of another code.", async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(Frame.Close(code));
                var received = await peer.ReceiveAsync();
                c.Verdict(Outcome.Informational, $"answered by {received}");
                await peer.JudgeFailureAsync(received, received.Code ?? 0, 0);
            });
        }
    }

    private static void AddIllegalCode(CaseList cases, int code, Clause clause) =>
        cases.Add($"illegal-code-{code}", $"Close code {code}, which must not be on the wire.", clause,
            "the close frame is a protocol error (1002), and its code is not sent back.", async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Close(code));
            await peer.ExpectFailAsync(1002, 1000, 1008);
        });

    private static void AddAfterClose(CaseList cases)
    {
        (string Name, string Title, Frame[] Frames)[] followers =
        [
            ("text", "a text message", [Frame.Text("late")]),
            ("binary", "a binary message", [Frame.Binary(new byte[1000])]),
            ("ping", "a ping", [Frame.Ping("late")]),
            ("pong", "a pong", [Frame.Pong("late")]),
            ("close", "a second close frame", [Frame.Close(1001)]),
            ("fragment", "a first fragment", [Frame.Text("late") with { Fin = false }]),
            ("many", "twenty text messages", [.. Enumerable.Range(0, 20).Select(i => Frame.Text($"late {i}"))]),
            ("illegal", "a frame with a reserved opcode", [new Frame((Opcode)3, default)]),
            ("large", "a binary message of 1 MiB", [Frame.Binary(new byte[1 << 20])]),
        ];

        foreach (var (name, title, frames) in followers)
        {
            cases.Add($"then-{name}", $"A close frame and {title}, in one write.", Rfc6455.NothingAfterClose,
                "what follows is discarded: " + Expected.CloseReply, async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync([Frame.Close(1000), .. frames]);
                await peer.ExpectCloseReplyAsync(1000);
            }, name == "large" ? CaseTraits.Bulky : CaseTraits.None);
        }

        cases.Add("fragment-then-close-then-rest", "A first fragment, a close frame, and the last fragment.", Rfc6455.NothingAfterClose,
            "no message comes back: " + Expected.CloseReply, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Text("fragment1") with { Fin = false }, Frame.Close(1000), Frame.Continuation("fragment2"));
            await peer.ExpectCloseReplyAsync(1000);
        });

        foreach (var size in (int[])[5, 65_536, 1 << 20])
        {
            cases.Add($"after-message-{size}", $"A binary message of {size} bytes and a close frame, in one write.", Rfc6455.CloseReply,
                "the echo comes back, then the close frame.", async c =>
            {
                var peer = await c.OpenAsync();
                var message = Frame.Binary(c.RandomBytes(size));
                await peer.SendAsync(message, Frame.Close(1000));
                var received = await peer.ReceiveAsync();
                if (received.Kind == ReceivedKind.Message && received.Payload.AsSpan().SequenceEqual(message.Payload.Span))
                    await peer.ExpectCloseReplyAsync(1000);
                else
                    await JudgeLostEchoAsync(c, peer, received);
            }, size > 70_000 ? CaseTraits.Bulky : CaseTraits.None);
        }

        cases.Add("after-ping", "A ping and a close frame, in one write.", Rfc6455.Ping, "the pong comes back, then the close frame.",
            async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Ping("p"), Frame.Close(1000));
            var received = await peer.ReceiveAsync();
            if (received.Kind == ReceivedKind.Pong)
                await peer.ExpectCloseReplyAsync(1000);
            else
                await JudgeLostEchoAsync(c, peer, received);
        });
    }

    private static Task JudgeLostEchoAsync(CaseContext c, RawPeer peer, Received received)
    {
        c.Verdict(Outcome.NonStrict, "what came before the close frame was not answered");
        return peer.JudgeFailureAsync(received, 1000);
    }

    private static void AddTcp(CaseList cases)
    {
        cases.Add("bytewise", "A close frame with a reason, byte by byte.", Rfc6455.CloseTcp, Expected.CloseReply, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendInWritesOfAsync(Frame.Close(1000, "bye").ToBytes(c.Random), 1, "a close frame");
            await peer.ExpectCloseReplyAsync(1000);
        });

        cases.Add("then-fin", "A close frame, and FIN at once.", Rfc6455.CloseReply, "the answer is still sent.", async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Close(1000));
            peer.ShutdownSend();
            await peer.ExpectCloseReplyAsync(1000);
        });

        cases.Add("fin-alone", "FIN without a close frame.", Rfc6455.InvalidData,
            "the server ends TCP too; 1006 is for its application and never on the wire.", c => ExpectEndAfterFinAsync(c));
        cases.Add("fin-after-message", "A text message, and FIN without a close frame.", Rfc6455.InvalidData, "the server ends TCP too.",
            c => ExpectEndAfterFinAsync(c, Frame.Text("last words")));
        cases.Add("fin-in-fragmented-message", "A first fragment, and FIN.", Rfc6455.InvalidData,
            "the server ends TCP too, and echoes nothing.", c => ExpectEndAfterFinAsync(c, Frame.Text("half") with { Fin = false }));
        cases.Add("fin-in-frame", "Half a frame, and FIN.", Rfc6455.InvalidData, "the server ends TCP too, and echoes nothing.",
            c => ExpectEndAfterFinAsync(c, Frame.Binary("abc"u8.ToArray()) with { AnnouncedLength = 100 }));
        cases.Add("fin-in-header", "One byte of a header, and FIN.", Rfc6455.InvalidData, "the server ends TCP too.", async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendPartAsync(Frame.Text("abc"), 1);
            await ExpectEndAsync(peer);
        });

        cases.Add("crossing", "A frame with a reserved opcode and a close frame, in one write: both sides close at the same time.", Rfc6455.Fail,
            "the server's own close frame has 1002, and it is its only one.", async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(new Frame((Opcode)3, default), Frame.Close(1000));
            await peer.ExpectFailAsync(1002);
        });

        cases.Add("failed-and-not-answered", "A frame with a reserved opcode; the server's close frame is not answered.", Rfc6455.Fail,
            "the server closes TCP nevertheless: §7.1.7 has it process nothing more, “including a responding Close frame”.", async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(new Frame((Opcode)3, default));
            var received = await peer.ReceiveAsync();
            if (received.Kind != ReceivedKind.Close)
            {
                await peer.JudgeFailureAsync(received, 1002);
                return;
            }

            if (await peer.ReadToEndAsync(c.Options.SlowTimeout) is null)
                c.Verdict(Outcome.NonStrict, $"TCP is still open after {c.Options.SlowTimeout.TotalSeconds:0} s");
            peer.Abandon();
        }, CaseTraits.Slow);
    }

    private static async Task ExpectEndAfterFinAsync(CaseContext c, params Frame[] frames)
    {
        var peer = await c.OpenAsync();
        await peer.SendAsync(frames);
        await ExpectEndAsync(peer, [.. frames.Where(frame => frame.Fin && frame.AnnouncedLength is null)]);
    }

    private static async Task ExpectEndAsync(RawPeer peer, params Frame[] whole)
    {
        peer.ShutdownSend();
        var received = await peer.ReceiveAsync();
        if (received.Kind == ReceivedKind.Message && whole.Length > 0)
            received = await peer.ReceiveAsync();
        if (received.Kind == ReceivedKind.Close)
        {
            if (received.Code is 1005 or 1006 or 1015)
                throw VerdictException.Failed($"the server sent close code {received.Code} (§7.4.1)");
            received = await peer.ReceiveAsync();
        }

        peer.Abandon();
        if (received.Kind != ReceivedKind.End)
            throw VerdictException.Failed($"after our FIN came {received}");
    }
}
